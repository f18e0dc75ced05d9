"""Claims, held against a naive telling of what they mean, step by step over random lives of jobs."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.store.claims_model import Model, Request
from tests.store.world import ADVANCED, FAILED, SUCCEEDED, MemoryWorld, RedisWorld, World, entry, redis_world
from vnx_jobs.model.claim import Claim, Kind, in_rank
from vnx_jobs.model.orders import Order
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import LIVE, State
from vnx_jobs.ports import Accepted, Change, NotFree
from vnx_jobs.preview.ledger import Ledger

LIMITS: Final = {"c0": 2, "c1": 1, "t0": 1, "t1": 2}
SPAN: Final = range(10, 15)
NUMBERS: Final = "numbers:box"

LOCKS = st.builds(
    lambda kind, key, refuse: Claim(kind, key, refuse=refuse),
    st.sampled_from([Kind.SHARED, Kind.SHARED, Kind.EXCLUSIVE, Kind.EXCLUSIVE]),
    st.sampled_from(["v0", "v1", "v2", "v3"]),
    st.sampled_from([False, False, False, True]),
)
SLOTS = st.builds(
    lambda key, refuse, keep: Claim(Kind.SLOT, key, limit=LIMITS[key], refuse=refuse, keep=keep),
    st.sampled_from(["c0", "c1"]),
    st.sampled_from([False, False, True]),
    st.booleans(),
)
EMPTY = st.builds(
    lambda key, refuse: Claim(Kind.EXCLUSIVE, key, refuse=refuse), st.sampled_from(["c0", "c1"]), st.booleans()
)
FEW_NUMBERS = st.builds(
    lambda roles, refuse: Claim(Kind.NUMBER, NUMBERS, roles, SPAN, refuse=refuse, keep=True),
    st.sampled_from(["volume", "volume,target"]),
    st.sampled_from([False, False, True]),
)
CLAIMS = st.lists(
    st.one_of(LOCKS, LOCKS, SLOTS, SLOTS, FEW_NUMBERS, EMPTY), max_size=5, unique_by=lambda claim: claim.key
).map(in_rank)


class Lives(RuleBasedStateMachine):
    """Jobs are submitted, wait, get permits, end and leave slots with what they made; the model does the same."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.model = Model(SPAN)
        self.ids = itertools.count(1)
        self.jobs: dict[str, tuple[Claim, ...]] = {}
        """Jobs that have not ended, with their claims."""
        self.kept: list[tuple[str, str]] = []

    def holding(self) -> list[str]:
        """Return the jobs that have their claims."""
        return sorted(job for job in self.jobs if self.model.requests[job].granted)

    def settle(self) -> None:
        """Let the sweep finish what a script left to do: it does so within seconds."""
        while isinstance(self.world, RedisWorld) and self.world.client.exists(f"{self.world.prefix}todo"):
            self.world.store.due(0)

    @rule(claims=CLAIMS)
    def submit(self, claims: tuple[Claim, ...]) -> None:
        """Submit a job: it is granted, waits, or is refused and leaves nothing."""
        job = f"J{next(self.ids)}"
        (answer,) = self.world.store.submit([entry(job, *claims)])
        expected = self.model.ask(job, claims)
        if expected is None:
            assert isinstance(answer, NotFree)
            assert self.world.store.get(job) is None
            return
        assert isinstance(answer, Accepted)
        assert answer.state is (State.QUEUED if expected else State.WAITING)
        self.jobs[job] = claims

    @rule(wanted=st.lists(CLAIMS, min_size=1, max_size=4))
    def submit_what_was_foretold(self, wanted: list[tuple[Claim, ...]]) -> None:
        """Submit several jobs: what becomes of each is what a preview of all of them said."""
        ledger = Ledger(self.world.store.holdings)
        told = [ledger.ask(f"told-{place}", claims) for place, claims in enumerate(wanted)]
        for claims, foretold in zip(wanted, told, strict=True):
            self.submit(claims)
            job = f"J{next(self.ids) - 1}"
            if job not in self.jobs:
                (refusal,) = self.world.store.submit([entry("again", *claims)])
                assert _count(refusal) == _count(foretold)
                continue
            assert isinstance(foretold, list)
            closed = {one.claim.key: _count(one.taken) for one in foretold if not one.open}
            assert closed == {one.key: _count(one) for one in self.world.store.blockers(job)}

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def submit_again(self, data: st.DataObject) -> None:
        """Submit a known job: it is answered, not changed."""
        job = data.draw(st.sampled_from(sorted(self.jobs)))
        (answer,) = self.world.store.submit([entry(job, Claim(Kind.EXCLUSIVE, "v0"))])
        assert isinstance(answer, Accepted)
        assert answer.known

    @precondition(lambda self: self.holding())
    @rule(data=st.data(), key=st.sampled_from(["t0", "t1"]))
    def permit(self, data: st.DataObject, key: str) -> None:
        """Let a job that works ask for a permit; one is enough."""
        job = data.draw(st.sampled_from(self.holding()))
        wish = Claim(Kind.PERMIT, key, job, LIMITS[key])
        given = self.world.store.permit(self.world.turn(job, lease=0.0), wish) is None
        if f"{job}/p" not in self.model.requests:
            self.model.ask(f"{job}/p", (wish,))
        assert given == self.model.requests[f"{job}/p"].granted

    @precondition(lambda self: len(self.jobs) > len(self.holding()))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Cancel a job that waits: it leaves its queues, and others move up."""
        job = data.draw(st.sampled_from(sorted(self.jobs.keys() - self.holding())))
        assert self.world.store.order(job, Order.CANCEL, "somebody").state is State.CANCELLED
        del self.jobs[job]
        self.model.leave(job)
        self.settle()

    @precondition(lambda self: self.holding())
    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        """Bring a job to its next step: it gives its permit back."""
        job = data.draw(st.sampled_from(self.holding()))
        self.world.commit(job, ADVANCED)
        self.model.leave(f"{job}/p")
        self.settle()

    @precondition(lambda self: self.holding())
    @rule(data=st.data(), change=st.sampled_from([SUCCEEDED, FAILED]))
    def end(self, data: st.DataObject, change: Change) -> None:
        """End a job: a success keeps what is to be kept, a failure gives everything back."""
        self.end_of(data.draw(st.sampled_from(self.holding())), change)

    def end_of(self, job: str, change: Change) -> None:
        """End one job in both worlds."""
        claims = self.jobs.pop(job)
        keep = {claim.key for claim in claims if claim.keep and change is SUCCEEDED}
        request = self.model.requests[job]
        for claim in request.claims:
            if claim.key in keep:
                number = claim.kind is Kind.NUMBER
                self.kept.append((claim.key, str(request.numbers["volume"]) if number else job))
        self.world.commit(job, change)
        self.model.leave(f"{job}/p")
        self.model.leave(job, keep)
        self.settle()

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete an object: what it held is given back; twice is once."""
        self.drop(data.draw(st.sampled_from(self.kept)))

    def drop(self, thing: tuple[str, str]) -> None:
        """Delete one object in both worlds."""
        job = f"J{next(self.ids)}"
        self.world.accept(entry(job, drops=(thing,)))
        self.model.ask(job, ())
        self.world.commit(job, SUCCEEDED)
        self.model.leave(job, (), [thing])
        self.settle()

    @invariant()
    def same(self) -> None:
        """Both worlds tell the same of every job: its state, its numbers, and what it waits for."""
        records = {record.id: record for record in self.world.store.find()}
        for job in self.jobs:
            record, request = records[job], self.model.requests[job]
            assert dict(record.numbers) == request.numbers
            waits = [one for name in (job, f"{job}/p") if (one := self.model.requests.get(name)) and not one.granted]
            assert record.state in ({State.WAITING} if waits else {*LIVE} - {State.WAITING} | self._woken(job, record))
            for one in waits:
                self._same_blockers(job, one)

    def _woken(self, job: str, record: Record) -> set[State]:
        """Return what else the state may be: a permit that was granted waits for a worker to come back."""
        return {State.WAITING} if f"{job}/p" in self.model.requests and not record.lease else set()

    def _same_blockers(self, job: str, request: Request) -> None:
        told = {blocker.key: set(blocker.holders) for blocker in self.world.store.blockers(job)}
        blocked = [claim.key for claim in request.claims if not self.model.open(claim, request.ticket)]
        assert told == {key: set(self.model.held.get(key, {})) for key in blocked}

    @invariant()
    def sound(self) -> None:
        """Exclusive is alone, no set is over its limit, no number is held twice, the oldest waits for holders only."""
        for key, holders in self.model.held.items():
            assert Kind.EXCLUSIVE not in holders.values() or len(holders) == 1
            assert len(holders) <= LIMITS.get(key, len(SPAN) if key == NUMBERS else len(holders))
        granted = [number for job in self.jobs for number in self.world.record(job).numbers.values()]
        assert len(granted) == len(set(granted))
        if isinstance(self.world, RedisWorld):
            self._sound_keys(self.world.keys())

    def _sound_keys(self, keys: dict[str, Any]) -> None:
        for key in [*LIMITS, "v0", "v1", "v2", "v3", NUMBERS]:
            held = keys.get(f"h:{key}", {})
            exclusive = {member for member, score in held.items() if score < 0}
            assert held.keys() == self.model.held.get(key, {}).keys()
            assert exclusive == {one for one, kind in self.model.held.get(key, {}).items() if kind is Kind.EXCLUSIVE}
            parked = {one.name for one in self.model.waiting() if one.claims[one.at].key == key}
            assert keys.get(f"p:{key}", {}).keys() == parked
        assert set(keys.get("due", ())) >= set(self.holding()) - {
            one.name.removesuffix("/p") for one in self.model.waiting()
        }

    def teardown(self) -> None:
        """No deadlock: whoever holds ends, what was made is deleted, and everybody gets to run."""
        while self.jobs or self.kept:
            assert self.holding() or self.kept
            for job in self.holding():
                self.end_of(job, FAILED)
            while self.kept:
                self.drop(self.kept.pop())
        if isinstance(self.world, RedisWorld):
            keys = self.world.keys()
            assert [key for key in keys if key.startswith(("h:", "q:", "p:", "own:", "deps:", "lim:"))] == []
            assert set(keys.get("lim", {})) <= {NUMBERS}
            assert len(keys.get(f"n:{NUMBERS}", SPAN)) == len(SPAN)


def _count(taken: object) -> tuple[str, int, int, int]:
    """Return what stands in the way of a claim, but for the names of some who do."""
    assert isinstance(taken, NotFree)
    return taken.key, taken.used, taken.limit, taken.waiting


def against_the_model(make: Callable[[], AbstractContextManager[World]], examples: int) -> None:
    """Run random lives over fresh worlds."""

    class Fresh(Lives):
        def __init__(self) -> None:
            self.opened = make()
            super().__init__(self.opened.__enter__())

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.opened.__exit__(None, None, None)

    run_state_machine_as_test(
        seed(7)(Fresh),
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            report_multiple_bugs=False,  # one counterexample is enough to read
        ),
    )


@pytest.mark.slow
def test_the_twin_does_what_the_model_says() -> None:
    """Whatever jobs do, the twin in memory grants, refuses and keeps waiting as the naive model does."""
    against_the_model(lambda: contextlib.nullcontext(MemoryWorld()), 60)


@pytest.fixture
def prefixes(prefix: str) -> Iterator[str]:
    """Return a fresh prefix for each life of one test."""
    return (f"{prefix}{count}:" for count in itertools.count(1))


@pytest.mark.slow
@pytest.mark.parametrize("wake_budget", [1, 200])
def test_the_scripts_do_what_the_model_says(valkey_url: str, prefixes: Iterator[str], wake_budget: int) -> None:
    """Whatever jobs do, the scripts grant, refuse and keep waiting as the naive model does, in one go or piecemeal."""
    against_the_model(lambda: redis_world(valkey_url, next(prefixes), wake_budget=wake_budget), 8)
