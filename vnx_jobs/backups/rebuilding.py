"""The catalogue rebuilt from what repositories hold: archives say themselves what they are."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.ports.catalogue import Catalogue
from vnx_jobs.ports.mover import MoverError, Repositories, Stored


@dataclass(frozen=True, slots=True)
class Unread:
    """An archive, or a volume's whole repository, that tells nothing that could be entered."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a repository holds, compared with the catalogue."""

    entered: tuple[Backup, ...] = ()
    """What the catalogue did not know."""
    known: int = 0
    """How many it knew."""
    lost: tuple[Backup, ...] = ()
    """What the catalogue knows, and the repository does not hold."""
    unread: tuple[Unread, ...] = ()

    def __add__(self, other: "Rebuilt") -> "Rebuilt":
        """Return both together."""
        return Rebuilt(
            self.entered + other.entered,
            self.known + other.known,
            self.lost + other.lost,
            self.unread + other.unread,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A volume's repository."""

    repository: str
    """Its name in the settings."""
    tool: str
    array: str
    uid: str


def entry(place: Place, stored: Stored) -> Backup:
    """Return the catalogue's entry of an archive. Raises ValueError if it does not say what it is."""
    label = Label.from_json(stored.comment)
    if (label.array, label.uid) != (place.array, place.uid):
        raise ValueError(f"it says that it is of {label.array} {label.uid}")
    if label.size != stored.size or label.digest not in {"", stored.digest}:
        raise ValueError("its size or digest is not what it says of itself")
    made = Backup.of(
        label.with_digest(stored.digest),
        added=stored.added,
        seconds=stored.seconds,
        tool=place.tool,
        repository=place.repository,
    )
    return replace(made, archive=stored.archive)


def compared(
    place: Place, archives: Iterable[Stored], known: Collection[Backup], under_way: Callable[[str], bool]
) -> Rebuilt:
    """Compare what a volume's repository holds with what the catalogue knows of the volume: pure.

    What a job is at that has not ended is left to it: `under_way` says so of a job's id.
    """
    names, held, entered, unread = {one.archive for one in known}, set[str](), list[Backup](), list[Unread]()
    for stored in archives:
        held.add(stored.archive)
        try:
            found = entry(place, stored)
        except ValueError as error:
            unread.append(Unread(stored.archive, str(error)))
            continue
        if found.archive not in names and not under_way(found.job):
            entered.append(found)
    here = [one for one in known if one.repository == place.repository]
    lost = tuple(one for one in here if one.archive not in held and not under_way(one.job))
    return Rebuilt(tuple(entered), len(names & held), lost, tuple(unread))


def rebuild(
    catalogue: Catalogue, name: str, repositories: Repositories, under_way: Callable[[str], bool], *, pinned: bool
) -> Rebuilt:
    """Enter what the repositories of a place hold and the catalogue does not know; nothing is taken out.

    Nobody knows any more what was pinned: `pinned` enters everything so, and what should go is to be unpinned. Marks
    of verification and proof are not known either. Raises MoverError if the place cannot be listed; a volume's
    repository that cannot be read is told of, and the others are read.
    """
    done = Rebuilt()
    known = {(one.array, one.uid) for one in catalogue.volumes()}
    for array, uid in sorted(known | {*repositories.volumes()}):
        entries = catalogue.of(array, uid)
        mover = repositories.of(array, uid)
        try:
            held = mover.archives()
            place = Place(name, mover.tool if held else "", array, uid)
        except MoverError as error:
            done += Rebuilt(unread=(Unread(f"{array} {uid}", str(error)),))
            continue
        found = compared(place, held, entries, under_way)
        for one in found.entered:
            catalogue.enter(replace(one, pinned=pinned))
        done += found
    return done
