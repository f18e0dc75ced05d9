"""The contract of call backs, kept by the state server and by its twin."""

from dataclasses import replace
from typing import Any, Final

from tests.hooks.conftest import Place, hook
from tests.store.world import FAILED, RedisWorld, entry, locked
from vnx_jobs.adapters.redis.hooks import RedisHooks
from vnx_jobs.adapters.redis.script import source
from vnx_jobs.model.hooks import Calls, Delivery, Kind
from vnx_jobs.model.orders import Order
from vnx_jobs.model.states import State
from vnx_jobs.ports import Change

DAY: Final = 86_400.0
TIMES: Final = {"wait": 5.0, "patience": DAY, "keep": 7 * DAY}
STUCK: Final = Change(State.STUCK, "stuck", "x", leftovers=("a",))


def end(place: Place, job: str, **fields: Any) -> None:
    """Let a job that names the hook `crm` come to its end."""
    place.world.accept(entry(job, **{"hooks": ("crm",), **fields}))
    place.world.succeed(job)


def test_a_name_is_registered_once(place: Place) -> None:
    """The same hook may be registered again, another one of its name may not; both are then as they were."""
    place.register("crm", "audit")
    assert place.hooks.add(hook())
    assert not place.hooks.add(replace(hook(), url="https://elsewhere.example/"))
    assert [one.hook for one in place.hooks.find()] == [hook("audit"), hook()]
    assert place.hooks.known(["crm", "nobody"]) == {"crm"}
    assert place.hooks.find("nobody") == ()


def test_the_end_of_a_job_is_told_to_each_of_its_hooks(place: Place) -> None:
    """Nothing is told of a job under way, nor of one without hooks; each hook is told of an end, whatever it is."""
    place.register("crm", "audit", "idle")
    place.world.accept(entry("A", hooks=("crm", "audit")))
    place.world.accept(entry("B"))
    place.world.succeed("B")
    assert place.hooks.calls() == Calls(due=False)
    place.world.fail("A")
    assert place.hooks.calls() == Calls(due=True)
    told = sorted(place.hooks.claim(10, 60.0), key=lambda one: one.id)
    now = place.world.now()
    assert told == [
        Delivery("job_A_audit", hook("audit"), Kind.JOB, "A", now, 1, {}),
        Delivery("job_A_crm", hook(), Kind.JOB, "A", now, 1, {}),
    ]


def test_jobs_that_end_by_an_order_are_told(place: Place) -> None:
    """A job that is cancelled before it begins, and one that is abandoned, have ended; a STUCK one has not."""
    place.register("crm")
    place.world.accept(entry("A", locked("v"), hooks=("crm",)))
    place.world.accept(entry("B", locked("v"), hooks=("crm",)))
    assert place.world.store.order("B", Order.CANCEL, "me").taken
    place.world.commit("A", STUCK)
    assert place.waiting() == ["job_B_crm"]
    assert place.world.store.order("A", Order.ABANDON, "me").taken
    assert sorted(place.waiting()) == ["job_A_crm", "job_B_crm"]


def test_a_message_is_out_to_one_at_a_time(place: Place) -> None:
    """Nobody else gets a message while its lease holds; afterwards it is taken again, under the same id."""
    place.register("crm")
    end(place, "A")
    first = place.claim()
    assert place.hooks.claim(10, 60.0) == ()
    place.world.advance(59.0)
    assert place.hooks.claim(10, 60.0) == ()
    place.world.advance(2.0)
    second = place.claim()
    assert (second.id, second.attempt) == (first.id, 2)
    assert not place.hooks.delivered(first, "200 OK")
    assert not place.hooks.missed(first, "late", **TIMES)
    assert place.hooks.delivered(second, "200 OK")
    assert not place.hooks.delivered(second, "200 OK")
    place.world.advance(DAY)
    assert place.hooks.claim(10, 60.0) == ()
    (standing,) = place.hooks.find("crm")
    assert (standing.waiting, standing.delivered, standing.answer) == (0, 1, "200 OK")


def test_what_was_missed_comes_again_when_it_is_time(place: Place) -> None:
    """A message that was not delivered waits out its time, and is then taken again; the hook says what came of it."""
    place.register("crm")
    end(place, "A")
    assert place.hooks.missed(place.claim(), "503 no", **TIMES)
    (standing,) = place.hooks.find("crm")
    assert (standing.waiting, standing.failures, standing.answer) == (1, 1, "503 no")
    assert standing.tried == place.world.now()
    place.world.advance(4.9)
    assert place.hooks.claim(10, 60.0) == ()
    place.world.advance(0.2)
    assert place.hooks.delivered(place.claim(), "200 OK")
    assert place.hooks.find("crm")[0].failures == 0


def test_what_is_tried_for_too_long_is_given_up_and_kept(place: Place) -> None:
    """A message whose time is over is tried no more; it is kept for some days, and `again` gives it its whole time."""
    place.register("crm")
    end(place, "A")
    place.world.advance(DAY)
    assert place.hooks.missed(place.claim(), "no", **TIMES)
    place.world.advance(3600.0)
    assert place.hooks.claim(10, 60.0) == ()
    (lost,) = place.hooks.pending("crm", 10)
    assert (lost.id, lost.subject, lost.attempts, lost.answer, lost.due) == ("job_A_crm", "A", 1, "no", 0)
    assert place.hooks.find("crm")[0].given_up == 1
    assert place.hooks.again("crm") == 1
    assert place.hooks.find("crm")[0].given_up == 0
    place.world.advance(DAY - 10)
    again = place.claim()
    assert (again.id, again.attempt) == ("job_A_crm", 2)
    assert place.hooks.missed(again, "no", **TIMES)
    assert place.hooks.find("crm")[0].waiting == 1


def test_again_does_not_wait(place: Place) -> None:
    """`again` has also what waits for its time tried now, but not what is out."""
    place.register("crm")
    for job in "AB":
        end(place, job)
    missed, out = place.hooks.claim(10, 60.0)
    assert place.hooks.missed(missed, "no", **TIMES | {"wait": 3600.0})
    assert place.hooks.again("crm") == 1
    place.world.advance(61.0)  # the one that was out is free as well
    assert place.claim().id == missed.id  # and yet one at a time, since the last attempt failed
    assert place.hooks.delivered(replace(out, attempt=1), "200 OK")


def test_a_hook_that_hangs_takes_four_places_and_one_that_fails_one(place: Place) -> None:
    """However much is to be told to one hook, others are told at once; what failed is tried one by one."""
    place.register("crm", "audit")
    for number in range(6):
        end(place, f"A{number}")
    hanging = place.hooks.claim(10, 60.0)
    assert len(hanging) == 4
    assert place.hooks.claim(10, 60.0) == ()
    end(place, "B", hooks=("audit",))
    other = place.claim()
    assert other.subject == "B"
    assert place.hooks.delivered(other, "200 OK")
    assert place.hooks.delivered(hanging[0], "200 OK")
    assert len(place.hooks.claim(10, 60.0)) == 1
    assert place.hooks.missed(hanging[1], "no", **TIMES)
    for one in hanging[2:]:
        assert place.hooks.missed(one, "no", **TIMES)
    place.world.advance(61.0)
    assert len(place.hooks.claim(10, 60.0)) == 1


def test_no_more_are_taken_than_asked_for(place: Place) -> None:
    """A deliverer takes as many messages as it has room for, the oldest first."""
    place.register("crm")
    for job in "ABC":
        end(place, job)
        place.world.advance(1.0)
    assert [one.subject for one in place.hooks.claim(2, 60.0)] == ["A", "B"]
    assert [one.subject for one in place.hooks.claim(2, 60.0)] == ["C"]


def test_what_is_removed_is_forgotten(place: Place) -> None:
    """With a hook goes all that was to be told to it; ends of later jobs that name it are told to nobody."""
    place.register("crm")
    end(place, "A")
    out = place.claim()
    place.world.accept(entry("B", hooks=("crm",)))
    assert place.hooks.remove("crm")
    assert not place.hooks.remove("crm")
    place.world.succeed("B")
    assert not place.hooks.delivered(out, "200 OK")
    place.register("crm")
    assert place.waiting() == []
    (standing,) = place.hooks.find("crm")
    assert (standing.waiting, standing.delivered) == (0, 0)


def batch(place: Place, *jobs: str) -> None:
    """Submit jobs of the batch `web`, whose end is told to the hook `crm`."""
    place.hooks.expect("web", ["crm"], 600.0)
    for job in jobs:
        place.world.accept(entry(job, batch="web"))


def test_a_batch_is_told_when_its_last_job_has_ended(place: Place) -> None:
    """It is told once, with how its jobs ended, those included that ended while others were still submitted."""
    place.register("crm")
    batch(place, "A", "B", "C")
    place.world.succeed("A")
    place.hooks.seal("web")
    assert place.hooks.calls() == Calls(due=False)
    place.world.fail("B")
    assert place.waiting() == []
    place.world.succeed("C")
    delivery = place.claim()
    assert (delivery.kind, delivery.subject) == (Kind.BATCH, "web")
    assert delivery.counts == {State.SUCCEEDED: 2, State.FAILED: 1}


def test_a_batch_whose_jobs_end_while_it_is_submitted(place: Place) -> None:
    """All jobs so far may have ended: nothing is told before the submission is complete, then it is told at once."""
    place.register("crm")
    batch(place, "A")
    place.world.succeed("A")
    place.world.accept(entry("B", batch="web"))
    place.world.succeed("B")
    assert place.waiting() == []
    place.hooks.seal("web")
    assert place.claim().counts == {State.SUCCEEDED: 2}


def test_a_batch_is_told_again_only_of_new_jobs(place: Place) -> None:
    """The same file again makes no new message; with rows that were tried again it does, under another id."""
    place.register("crm")
    batch(place, "A", "B")
    place.hooks.seal("web")
    place.world.succeed("A")
    place.world.fail("B")
    first = place.claim()
    assert place.hooks.delivered(first, "200 OK")
    batch(place)
    place.hooks.seal("web")
    assert place.waiting() == []
    batch(place, "B2")
    place.hooks.seal("web")
    place.hooks.seal("web")
    place.world.succeed("B2")
    second = place.claim()
    assert second.counts == {State.SUCCEEDED: 2, State.FAILED: 1}
    assert second.id != first.id


def test_a_batch_submitted_again_while_it_runs_is_told_once(place: Place) -> None:
    """Jobs that end between two rounds of submission are counted once, and one message tells of all."""
    place.register("crm")
    batch(place, "A", "B", "C")
    place.hooks.seal("web")
    place.world.succeed("A")
    batch(place, "D")
    place.world.succeed("B")
    place.hooks.seal("web")
    place.world.succeed("C")
    assert place.waiting() == []
    place.world.fail("D")
    assert place.claim().counts == {State.SUCCEEDED: 3, State.FAILED: 1}
    assert place.waiting() != []


def test_a_submission_that_died_is_sealed_by_others(place: Place) -> None:
    """When its time is over the batch is named, and whoever seals it has it told of the jobs that there are."""
    place.register("crm")
    batch(place, "A")
    place.world.succeed("A")
    place.world.advance(599.0)
    assert place.hooks.calls() == Calls(due=False)
    place.world.advance(2.0)
    assert place.hooks.calls() == Calls(due=False, unsealed=("web",))
    place.hooks.seal("web")
    assert place.hooks.calls() == Calls(due=True)
    assert place.claim().counts == {State.SUCCEEDED: 1}


def test_a_batch_without_jobs_or_hooks_is_told_to_nobody(place: Place) -> None:
    """Sealing a batch that nobody expects, or all of whose rows were refused, changes nothing."""
    place.register("crm")
    place.world.accept(entry("A", batch="other"))
    place.hooks.seal("other")
    place.world.succeed("A")
    batch(place)
    place.hooks.seal("web")
    place.world.advance(700.0)
    assert place.hooks.calls() == Calls(due=False)


def test_jobs_that_end_while_a_batch_is_sealed_are_counted_once(real: RedisWorld) -> None:
    """Sealing takes several calls: a job that ends between two of them is counted by one side alone, in any round."""
    place = Place(real, RedisHooks(real.server))
    place.register("crm")
    jobs = ["A", "B", "C", "D"]
    batch(place, *jobs)
    real.server.call("hookbegin", "web", "first")
    real.server.call("hookgather", "web", "first", jobs)
    real.succeed("A")
    real.server.call("hookbegin", "web", "second")
    real.succeed("B")
    real.server.call("hookgather", "web", "first", jobs)  # of a round that is over
    real.server.call("hookgather", "web", "second", jobs)
    real.fail("C")
    real.server.call("hookseal", "web", "first")
    real.server.call("hookseal", "web", "second")
    assert place.waiting() == []
    real.fail("D")
    assert place.claim().counts == {State.SUCCEEDED: 2, State.FAILED: 2}


def test_nothing_is_left_of_what_was_told(real: RedisWorld) -> None:
    """When all is told and the records' days are over, only the hook itself and its counts remain."""
    hooks = RedisHooks(real.server)
    place = Place(real, hooks)
    place.register("crm")
    batch(place, "A", "B")
    end(place, "C")
    hooks.seal("web")
    for job in "AB":
        real.commit(job, FAILED)
    for one in hooks.claim(10, 60.0):
        assert hooks.delivered(one, "200 OK")
    real.advance(7 * DAY)
    real.store.due(10)
    assert real.keys().keys() == {"seq", "commits", "now", "events", "server", "bounds", "hooks", "hook:crm"}
    hooks.remove("crm")
    assert {"hooks", "hook:crm"}.isdisjoint(real.keys())


def commands(world: RedisWorld, job: str, **fields: Any) -> int:
    """Return how many commands the server runs to end a job: the fewest of three, since others may speak to it too."""
    return min(_commands(world, f"{job}{place}", **fields) for place in range(3))


def _commands(world: RedisWorld, job: str, **fields: Any) -> int:
    world.accept(entry(job, **fields))
    turn = world.turn(job)
    world.client.config_resetstat()
    assert world.store.commit(turn, FAILED) is not None
    return sum(one["calls"] for one in world.client.info("commandstats").values())


def test_only_a_job_with_hooks_costs_more(real: RedisWorld) -> None:
    """The end of a job without hooks runs no command more than a script that knows of no hooks; neither grows."""
    Place(real, RedisHooks(real.server)).register("crm")
    plain = commands(real, "A")
    assert "hooks" not in real.keys()["job:A0"]["ask"]
    assert commands(real, "B", hooks=("crm",)) > plain
    ignorant = source().replace("if ask.hooks then Hooks.ended", "if false then Hooks.ended")
    real.server.use(ignorant.replace("if v[5] then Hooks.of_batch", "if false then Hooks.of_batch"))
    assert commands(real, "C") == commands(real, "D", hooks=("crm",)) == plain
