"""Admission: the claims of a job that could not ask for them when it was submitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .model.condition import FreshList, SessionOver
from .model.errors import Code, Refused
from .model.lists import lists_of
from .model.outcome import Facts
from .model.record import Record
from .model.specs import parse
from .model.states import ENDED, State
from .model.things import ObjectKind
from .planning import Planning
from .plans.plan import Barred, Plan, Shown, Unresolved
from .plans.planner import plan
from .ports import Change, Entry, JobStore, NotFree, Ring
from .refusals import Refusals

_NO_SUCH: Final[Mapping[ObjectKind, Code]] = {
    "volume": Code.NO_SUCH_VOLUME,
    "snapshot": Code.NO_SUCH_SNAPSHOT,
    "group": Code.NO_SUCH_GROUP,
    "storage-group": Code.NO_SUCH_HOST,
    "port": Code.NOT_SUPPORTED,
    "detached": Code.IN_USE,
}
_ADVICE: Final[Mapping[ObjectKind, str]] = {
    "storage-group": ": attach with `initiators` to have one made, or name the host's in the setting `storage_groups`",
    "port": ": name other `ports`, or initiators of the other kind",
}


@dataclass(frozen=True, slots=True)
class Admission:
    """Plans jobs that waited for a predecessor, or for a list that shows what they name. Sends no array command."""

    store: JobStore
    planning: Planning
    refusals: Refusals

    def admit(self, record: Record) -> Change | tuple[Ring, ...]:
        """Plan a job and ask for its claims; say whom to ring, or how it goes on instead."""
        if (waiting := self._predecessors(record)) is not None:
            return waiting
        try:
            entry = self._planned(record)
        except Refused as refused:
            return _failed(refused)
        if isinstance(entry, Change):
            return entry
        answer = self.store.admit(entry)
        return _failed(self.refusals.not_free(entry, answer)) if isinstance(answer, NotFree) else answer.rings

    def renew(self, record: Record) -> Change | Facts:
        """Plan a job anew whose claims were granted after it had waited, before it begins.

        The same claims: it begins by the facts returned. Others, or nothing left to plan on: it gives them back and is
        admitted anew, which says what is wrong if anything is.
        """
        spec, planning = parse(dict(record.spec)), self.planning
        try:
            found = plan(spec, planning.ground(record.array, planning.views([spec]), record.id))
        except Refused as refused:
            return _failed(refused)
        if isinstance(found, Plan) and _same(found, record) and planning.as_planned(found)["steps"] == record.steps:
            return found.facts
        return Change(State.WAITING, "planned-anew", "what it was planned on has changed: planned anew", readmit=True)

    def _planned(self, record: Record) -> Entry | Change:
        spec = parse(dict(record.spec))
        planning = self.planning
        readings = planning.inventory.readings(record.array)  # before the view, which is then no older than they say
        ground = planning.ground(record.array, planning.views([spec]), record.id)
        match plan(spec, ground):
            case Plan() as planned:
                admitted = record.evolve(**planning.as_planned(planned), admitted=True)
                return Entry(admitted, planning.claims(planned, ground.view), makes=spec.makes + planned.makes)
            case Barred(session, why):
                over = SessionOver(session.source, readings.sessions, session.destination)
                return Change(State.WAITING, "parked", why, condition=over)
            case Shown(why):
                seen = FreshList(readings.oldest(("storage-groups",)), ("storage-groups",))
                return Change(State.WAITING, "parked", why, condition=seen)
            case Unresolved(maker=str() as maker) as unresolved if not self._waits_for(maker, record.id):
                tick = planning.settings.array(record.array).pace.watch_tick
                return Change(State.WAITING, "held", unresolved.waits, wait=tick)
            case Unresolved(kind, name):
                if readings.oldest(lists_of(kind)) > record.created:
                    raise Refused(_NO_SUCH[kind], f"there is no {kind} {name} on {record.array}{_ADVICE.get(kind, '')}")
                condition = FreshList(record.created, lists_of(kind))
                return Change(State.WAITING, "parked", f"resolving {kind} {name}", condition=condition)

    def _waits_for(self, job: str, other: str) -> bool:
        """Whether a job waits, directly or by way of others, for another one: then that one must not wait for it."""
        seen, open_ends = set(), [job]
        while open_ends:
            record = self.store.get(open_ends.pop())
            if record is not None and record.id not in seen and record.state not in ENDED:
                seen.add(record.id)
                open_ends += (*record.after, *record.behind)
        return other in seen

    def _predecessors(self, record: Record) -> Change | None:
        """Say how a job goes on whose predecessors have not all succeeded; None if nothing stands in its way."""
        for job in (*record.after, *record.behind):
            before = self.store.get(job)
            if before is not None and before.state not in ENDED:
                return Change(
                    State.WAITING, "held", f"waits for {before.row or before.id} ({before.name})", behind=True
                )
            if job in record.after and (before is None or before.state is not State.SUCCEEDED):
                ended = "is not on record any more" if before is None else f"ended {before.state}"
                text = f"{job if before is None else before.row or job} had to succeed first and {ended}"
                return Change(State.CANCELLED, "ended", text, code=Code.PREDECESSOR, error=text)
        return None


def _same(found: Plan, record: Record) -> bool:
    """Say whether a plan runs and holds what the record does."""
    held = {(kind, key) for kind, key, _ in record.claims}
    wanted = {(str(claim.kind), claim.key) for claim in found.claims}
    return (found.operation, wanted, found.drops) == (record.operation, held, record.drops)


def _failed(refused: Refused) -> Change:
    return Change(State.FAILED, "ended", refused.message, code=refused.code, error=refused.message)
