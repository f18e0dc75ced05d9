"""Planning: from a request to the entry that is stored for it, on one view of the inventory. Stores nothing."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .model.array import Lun
from .model.backup import Backup
from .model.claim import Claim
from .model.condition import Condition, FreshList, SessionOver
from .model.hooks import need_hooks
from .model.keys import key_in_words
from .model.lists import ListKind, lists_of
from .model.names import new_job_id
from .model.record import Record
from .model.specs import Spec
from .model.states import State
from .model.step import Operation
from .model.view import View
from .plans.ground import BackupPlaces, Ground
from .plans.plan import Barred, Plan, Shown, Unresolved
from .plans.planner import plan
from .ports import Catalogue, Entry, Inventory
from .settings import Settings
from .steps.work import Work

_NOBODY: Final = "0" * 26
"""The id of a job that is planned to see whether it can be, and not stored: making ids of thousands takes its time."""


@dataclass(frozen=True, slots=True)
class Request:
    """A spec with what surrounds it: the key that makes it repeatable, its batch, its predecessors, its sender."""

    spec: Spec
    key: str = ""
    batch: str = ""
    row: str = ""
    place: int = 0
    after: tuple[str, ...] = ()
    """Ids of jobs that must have SUCCEEDED before this one asks for its claims."""
    by: str = ""
    retry_of: str = ""
    """The job that this one tries again."""
    renews: bool = False
    """Whether it is a new attempt if the job that its key stands for ended FAILED, CANCELLED or ABANDONED."""
    hooks: tuple[str, ...] = ()
    """Hooks that are told when the job has ended."""
    job: str = ""
    """The id it shall have (others may name it in `after` before it is stored); a new one if empty."""


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans requests. Reads the inventory, and sends no array command."""

    inventory: Inventory
    catalogue: Catalogue
    settings: Settings
    operations: Mapping[str, Operation[Work]]
    digest: Callable[[str], str]
    """What an idempotency key stands for, shortened."""
    hooks: frozenset[str] = frozenset()
    """Those of the hooks that requests name which there are."""

    def views(self, specs: Iterable[Spec]) -> dict[str, View]:
        """Look up all that planning some specs must know, once for each array that there is."""
        asked: dict[str, list[Spec]] = {}
        for spec in specs:
            asked.setdefault(spec.array, []).append(spec)
        known = {array: them for array, them in asked.items() if array in self.settings.arrays}
        return {array: self._view(array, them) for array, them in known.items()}

    def _view(self, array: str, specs: Collection[Spec]) -> View:
        names, lists = _names(specs), _lists(specs)
        view = self.inventory.view(array, names, lists)
        if any(_is_snap_copy(view.volume(spec.snapshot_of)) for spec in specs if spec.snapshot_of is not None):
            view = self.inventory.view(
                array, names, lists | {"storage-groups"}
            )  # of a snap copy it must know who sees it
        archives = {archive for spec in specs for archive in spec.archives}
        volumes = {spec.backups_of for spec in specs} - {None}
        known: dict[str, Backup | None] = {archive: self.catalogue.get(archive) for archive in archives}
        known |= {one.archive: one for name in volumes for one in self.catalogue.find(array, name, limit=0)}
        return view.with_backups(known)

    def ground(self, array: str, views: Mapping[str, View], job: str) -> Ground:
        """Return what a job is planned on. Raises Refused(unknown-array)."""
        settings = self.settings.array(array)
        return Ground(array, settings, self.settings.installation, views[array], job, _places(self.settings, array))

    def check(self, request: Request, views: Mapping[str, View]) -> None:
        """Raise Refused for what no waiting can mend, as far as its predecessors cannot change the answer."""
        need_hooks(request.hooks, self.hooks)
        ground = self.ground(request.spec.array, views, request.job or _NOBODY)
        if request.spec.into is not None:
            ground.need_pool(request.spec.into)
        if not request.after:
            plan(request.spec, ground)

    def entry(self, request: Request, views: Mapping[str, View]) -> Entry:
        """Return what is to be stored for a request. Raises Refused for what no waiting can mend."""
        need_hooks(request.hooks, self.hooks)
        spec, job = request.spec, request.job or new_job_id()
        ground = self.ground(spec.array, views, job)
        if request.after:
            return self._held_back(request, job, f"waits for {len(request.after)} earlier job(s) to succeed")
        match plan(spec, ground):
            case Plan() as planned:
                record = self._record(request, job, **self.as_planned(planned))
                makes = spec.makes + planned.makes
                return Entry(
                    record,
                    self.claims(planned, ground.view),
                    self.digest_of(request),
                    place=request.place,
                    makes=makes,
                    renews=request.renews,
                )
            case Barred(session, why):
                park = SessionOver(session.source, 0, session.destination)
                return self._held_back(request, job, why, park=park)
            case Shown(why):
                return self._held_back(request, job, why, park=FreshList(0, ("storage-groups",)))
            case Unresolved(maker=str() as maker) as unresolved:
                return self._held_back(request, job, unresolved.waits, behind=(maker,))
            case Unresolved(kind, name):
                unread = FreshList(0, lists_of(kind))
                return self._held_back(request, job, f"resolving {kind} {name}", park=unread)

    def _held_back(
        self, request: Request, job: str, why: str, *, behind: tuple[str, ...] = (), park: Condition | None = None
    ) -> Entry:
        """Return a job that asks for its claims later."""
        table = request.spec.table
        steps = self.operations[table].names
        waits = {"admitted": False, "state": State.WAITING, "why": why, "behind": behind}
        record = self._record(request, job, operation=table, steps=steps, **waits)
        digest, makes = self.digest_of(request), request.spec.makes
        return Entry(record, (), digest, park, request.place, makes, renews=request.renews)

    def _record(self, request: Request, job: str, **planned: Any) -> Record:  # noqa: ANN401 -- fields of the record
        return Record(
            id=job,
            spec=request.spec.model_dump(mode="json"),
            array=request.spec.array,
            key=request.key,
            batch=request.batch,
            row=request.row,
            after=request.after,
            by=request.by,
            retry_of=request.retry_of,
            hooks=request.hooks,
            **planned,
        )

    def as_planned(self, planned: Plan) -> dict[str, Any]:
        """Return what planning decides of a record."""
        return {
            "operation": planned.operation,
            "steps": tuple(
                name for name in self.operations[planned.operation].names for _ in range(planned.times.get(name, 1))
            ),
            "facts": planned.facts,
            "drops": planned.drops,
        }

    @staticmethod
    def claims(planned: Plan, view: View) -> tuple[Claim, ...]:
        """Return a plan's claims in words, so that whoever reads what a job waits for meets names and no UIDs."""
        return tuple(one.called(key_in_words(one.key, view.called)) for one in planned.claims)

    def digest_of(self, request: Request) -> str:
        """Return what a request's key stands for; empty without a key."""
        if not request.key:
            return ""
        told = f"|{','.join(request.hooks)}" if request.hooks else ""
        after = ",".join(request.after if not request.batch else ())
        return self.digest(f"{request.spec.model_dump_json()}|{after}{told}")


def _places(settings: Settings, array: str) -> BackupPlaces:
    """Return where backups of an array's volumes are kept, and who makes them."""
    hosts = {name: one.arrays[array] or name for name, one in settings.backup_hosts.items() if array in one.arrays}
    return BackupPlaces(hosts, {name: one.tool for name, one in settings.repositories.items()})


def _names(specs: Iterable[Spec]) -> set[str]:
    """Return the names of all objects that some specs name: what planning them must look up."""
    return {thing.partition(":")[2] for spec in specs for thing in (*spec.makes, *spec.needs)}


def _is_snap_copy(lun: Lun | None) -> bool:
    return lun is not None and lun.primary is not None


def _lists(specs: Iterable[Spec]) -> frozenset[ListKind]:
    """Return the whole lists that planning some specs must look up."""
    return frozenset(kind for spec in specs for kind in spec.lists)
