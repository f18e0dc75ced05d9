"""Foresight: what will be known of an array when earlier requests have succeeded, as far as their plans tell."""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vnx_jobs.model.array import BLOCKS_PER_GB, Initiator, Layout, Lun, Snapshot, StorageGroup
from vnx_jobs.model.claim import Kind
from vnx_jobs.model.hosts import FrontPort
from vnx_jobs.model.keys import kind_of
from vnx_jobs.model.outcome import Facts
from vnx_jobs.model.specs import AttachVolume, DetachVolume, Spec
from vnx_jobs.model.things import thing
from vnx_jobs.model.view import View
from vnx_jobs.plans.plan import Plan


@dataclass(slots=True)
class Foresight:
    """The objects of one array that requests would make, and those that they would delete."""

    volumes: dict[str, Lun] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    primaries: dict[int, Lun] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """As `vnx_jobs.model.things` writes them."""
    storage_groups: dict[str, StorageGroup] = field(default_factory=dict)
    """Those of hosts that the array will know by then."""
    makers: dict[str, str] = field(default_factory=dict)
    """Who is to make them: until then, others wait for that job."""

    def now(self, view: View) -> View:
        """Return a view with those that are to make more objects; who makes one already stays its maker."""
        return replace(view, makers=ChainMap(dict(view.makers), self.makers))

    def later(self, view: View, spec: Spec) -> View:
        """Return what a view will show of the names of one spec when all requests so far have succeeded."""
        names = {named.partition(":")[2] for named in (*spec.makes, *spec.needs)}
        volumes = {name: lun for name in names if (lun := self.volume(view, name)) is not None}
        behind = {lun.primary for lun in volumes.values() if lun.primary is not None}
        volumes |= {name: lun for name in behind if (lun := self.volume(view, name)) is not None}
        found = {name: self.snapshots.get(name) or view.snapshots.get(name) for name in names}
        return replace(
            view,
            names=frozenset(names | behind),
            volumes=volumes,
            snapshots={
                name: one for name, one in found.items() if one is not None and thing("snapshot", name) not in self.gone
            },
            primaries={**view.primaries, **self.primaries},
            storage_groups={**view.storage_groups, **self.storage_groups},
            ports=view.ports or (_some_ports(spec.ports) if isinstance(spec, AttachVolume) else ()),
            sessions=(),  # they will be over
            makers={},
        )

    def volume(self, view: View, name: str) -> Lun | None:
        """Find a volume that stands when all requests so far have succeeded."""
        return None if thing("volume", name) in self.gone else self.volumes.get(name) or view.volumes.get(name)

    def note(self, spec: Spec, planned: Plan, view: View) -> None:
        """Take in what a request would make, change and delete, as far as its plan's facts tell it."""
        if spec.operation.startswith("delete-"):
            self.gone |= {*spec.needs}
        if isinstance(spec, AttachVolume) and planned.operation != "attach-volume":
            self._note_host(spec, str(planned.facts["storage_group"]))
        if isinstance(spec, DetachVolume):
            self._note_detached(planned, view)
        if "uid" in planned.facts:
            self._note_change(spec, planned.facts, view)
        for made in spec.makes:
            kind, _, name = made.partition(":")
            if kind == "volume":
                self._note_volume(name, planned, view)
            elif kind == "snapshot":
                self._note_snapshot(name, planned, view)
            self.gone.discard(made)

    def _note_detached(self, planned: Plan, view: View) -> None:
        """Take in that a storage group shows some volumes no more."""
        name = str(planned.facts["storage_group"])
        group = self.storage_groups.get(name) or view.storage_groups[name]
        ended = {number for fact, number in planned.facts.items() if fact.startswith("number-")}
        left = tuple(one for one in group.luns if one[1] not in ended)
        self.storage_groups[name] = replace(group, luns=left)

    def _note_host(self, spec: AttachVolume, group: str) -> None:
        """Take in the storage group of a host whose initiators are registered."""
        paths = tuple(Initiator(uid, spec.host, "A", 0, None) for uid in spec.initiators)
        self.storage_groups[group] = StorageGroup(group, (), paths)

    def _note_change(self, spec: Spec, facts: Facts, view: View) -> None:
        """Take in another size, another place or another name of the volume that bears the UID of the facts."""
        named = (needed.partition(":")[2] for needed in spec.needs if needed.startswith("volume:"))
        found = [lun for name in named if (lun := self.volume(view, name)) is not None and lun.uid == facts["uid"]]
        for lun in found:
            changed = replace(lun, name=str(facts.get("new_name", lun.name)))
            if "size_gb" in facts:
                changed = replace(changed, blocks=int(facts["size_gb"]) * BLOCKS_PER_GB)
            if "pool" in facts:  # a copy in full, whatever it was before
                thin = Layout.of(facts).thin
                changed = replace(changed, pool=str(facts["pool"]), thin=thin, primary=None, attached=None)
            if changed.name != lun.name:
                self.gone.add(thing("volume", lun.name))
            if changed != lun:
                self.volumes[changed.name] = changed

    def _note_volume(self, name: str, planned: Plan, view: View) -> None:
        facts = planned.facts
        number, uid = -1 - len(self.volumes), f"(to be made) {name}"
        source = self.volume(view, str(facts.get("source")))
        if "size_gb" in facts:
            blocks = int(facts["size_gb"]) * BLOCKS_PER_GB
            self.volumes[name] = Lun(number, name, uid, blocks, str(facts["pool"]), Layout.of(facts).thin)
        elif source is not None:
            attached = [one.member for one in planned.claims if one.kind is Kind.SLOT and kind_of(one.key) == "copies"]
            self.volumes.setdefault(source.name, source)
            self.volumes[name] = Lun(
                number,
                name,
                uid,
                source.blocks,
                source.pool,
                thin=True,
                primary=source.name,
                attached=(*attached, None)[0],
            )

    def _note_snapshot(self, name: str, planned: Plan, view: View) -> None:
        primary = self.volume(view, str(planned.facts.get("source")))
        if primary is not None:
            self.snapshots[name] = Snapshot(name, primary.number, primary.number, created="")
            self.primaries[primary.number] = primary


def _some_ports(named: Sequence[str]) -> tuple[FrontPort, ...]:
    """Return ports to plan with while none was listed: those that a request names, else one of each SP."""
    places = [one.split("-") for one in named or ("A-0", "B-0")]
    kinds = (None, "address")
    return tuple(
        FrontPort("A" if sp == "A" else "B", int(number), "", int(*vport or (0,)), address)
        for sp, number, *vport in places
        for address in kinds
    )
