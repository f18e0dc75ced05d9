"""The conflict table: what becomes of a request while others hold the same volume, snapshot, source or group.

Each pair is submitted to an installation of its own, the first and then the second, before either has taken a step:
`b` goes beside and begins at once, `w` waits, and a code alone is a refusal that no waiting could mend; after b or w it
says why the second fails when its turn has come, before a / why the first does. `H` waits until it is detached by a
third. Every one that was accepted ends, and what stands on the array then
is what those that succeed do, one after the other, and no slot is held that nothing takes.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from tests.backup_host import HOST, REPOSITORY, digest_of
from tests.installation import ARRAY, Installation
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.batches.group_clones import group_clones
from vnx_jobs.model.backup import Backup
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.specs import OPERATIONS, CloneGroup
from vnx_jobs.model.states import ENDED, State

from .conflict_tables import ROWS, TABLES, TRIPLES
from .conflicts import BACKUP, COPY, GROUP, PLAIN, REQUESTS, RICH, SEEN, after

LETTERS: Final[dict[str, str]] = {
    Code.NO_SUCH_VOLUME: "V",
    Code.NO_SUCH_SNAPSHOT: "N",
    Code.NO_SUCH_GROUP: "G",
    Code.HAS_SNAPSHOTS: "S",
    Code.HAS_COPIES: "C",
    Code.IN_GROUP: "I",
    Code.IN_USE: "U",
    Code.ATTACHED: "A",
    Code.READ_ONLY: "R",
    Code.NOT_ATTACHED: "D",
    Code.NOTHING_TO_DO: "0",
    Code.INVALID: "=",
    Code.NOT_IN_GROUP: "O",
    Code.NOT_SUPPORTED: "E",
}
"""Of what is refused, and of why it fails."""
ELSEWHERE: Final = {
    *("create-volume", "clean-up", "reconcile"),
    *("drill", "verify-backup", "prune-backups"),
}
"""Operations that no row is about: they make what nobody else has yet, or take the claims of one that is.

Those about a backup that is there hold no volume, but what its backups are kept in, which a backup of it holds too.
"""
MADE: Final[dict[str, dict[str, str]]] = {
    PLAIN: {"plain": "ore"},
    RICH: {"gold": "ore"},
    COPY: {"gold": "ore"},
    GROUP: {"gold": "ore", "lead": "grey", "iron": "rust"},
    SEEN: {"plain": "ore"},
}
DONE: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    PLAIN: (),
    RICH: (
        {"operation": "create-snapshot", "name": "monday", "volume": "gold"},
        {"operation": "snap-copy", "name": "copy", "source": "gold"},
        {"operation": "create-group", "name": "set", "members": ["gold"]},
    ),
    COPY: ({"operation": "snap-copy", "name": "copy", "source": "gold"},),
    GROUP: (
        {"operation": "create-group", "name": "set", "members": ["gold", "lead"]},
        {"operation": "create-group-snapshot", "name": "noon", "group": "set"},
    ),
    SEEN: (
        {"operation": "set-readonly", "name": "plain", "readonly": True},
        {"operation": "attach-volume", "volumes": ["plain"], "host": "host"},
    ),
}


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Read the tables: which, first, second, and what becomes of the second."""
    for what, text in TABLES.items():
        head, *lines = text.strip().splitlines()
        for line in lines:
            first, *cells = line.split()
            yield from ((what, first, second, cell) for second, cell in zip(head.split(), cells, strict=True))


def prepare(installation: Installation, what: str) -> None:
    """Put on the array what the table is about."""
    array = MemoryArray(installation.vnx)
    for host in (HOST, "host", "else"):
        array.create_storage_group(host)
    for name, content in MADE[what].items():
        installation.make(name, content=content)
    installation.backup_host.archives[BACKUP.archive] = "rust"
    label, kept = BACKUP.with_digest(digest_of("rust")), {"tool": "files", "repository": REPOSITORY}
    installation.catalogue.enter(Backup.of(label, added=4, seconds=1.0, **kept))
    for one in DONE[what]:
        made = installation.do(**one)
        assert made.state is State.SUCCEEDED, made.error
        if one["operation"] == "create-snapshot":
            installation.vnx.write(1, "mud")
    installation.read_array()


def submit(installation: Installation, what: str, word: str, number: int) -> tuple[str, list[str]]:
    """Submit a request; say what becomes of it at once, and its jobs."""
    fields: dict[str, Any] = {
        name: text.replace("#", str(number)) if isinstance(text, str) else text
        for name, text in REQUESTS[what][word].items()
    }
    try:
        if fields["operation"] == "clone-group":
            spec = CloneGroup.model_validate({"array": ARRAY, **fields})
            each = group_clones(spec, installation.submission).rows
            jobs = [installation.submit(**dict(row.fields)).job for row in each]
        else:
            jobs = [installation.submit(**fields).job]
    except Refused as refused:
        return LETTERS[refused.code], []
    (state,) = {installation.record(job).state for job in jobs}
    return {State.QUEUED: "b", State.WAITING: "w"}[state], jobs


def play(installation: Installation, what: str, words: Sequence[str]) -> tuple[list[str], list[tuple[str, int]]]:
    """Submit requests and let all jobs end; say what became of each, and which were carried out, in their order.

    Those that wait until no host sees the snap copy are carried out when it is detached, once nothing else moves.
    """
    found = [submit(installation, what, word, number) for number, word in enumerate(words, start=1)]
    every = [job for _, jobs in found for job in jobs]
    installation.until(lambda: all(installation.ended(job) or is_shown(installation, job) for job in every))
    late = [job for job in every if is_shown(installation, job)]
    if late:
        assert installation.do("detach-volume", volumes=["copy"], host="host").state is State.SUCCEEDED
    ended = {one.id: one for one in installation.run(*every)}
    assert {one.state for one in ended.values()} <= ENDED
    told: list[str] = []
    now: list[tuple[str, int]] = []
    then = [("detach", 0)] * bool(late)
    for number, (word, (begun, jobs)) in enumerate(zip(words, found, strict=True), start=1):
        codes = {LETTERS[ended[job].code] for job in jobs if ended[job].state is not State.SUCCEEDED}
        told.append(begun + "".join(codes) + "H" * (not {*jobs}.isdisjoint(late)))
        done = word if not codes else f"{word} in part"
        if any(ended[job].state is State.SUCCEEDED for job in jobs):
            (now if {*jobs}.isdisjoint(late) else then).append((done, number))
    return told, now + then


def is_shown(installation: Installation, job: str) -> bool:
    """Say whether a job waits until no host sees the snap copy that it copies."""
    return "waits until copy is shown to no host" in installation.record(job).why


def stands(installation: Installation) -> list[str]:
    """Return what stands on the array and at the backup host, a line for each, and how volumes lie and are marked."""
    world, marks = installation.vnx.world, installation.inventory.marks(ARRAY)
    lines = [
        f"{name.partition(' (')[0]}: {'shown' if told.startswith('under ') else told}"
        for name, told in installation.array_shows().items()
        if not name.startswith("storage group")
    ]
    for one in world.volumes.values():
        kind = "thin" if one.thin else "thick"
        lines.append(f"{one.name} lies {kind} in {one.pool}, {marks.get(one.uid, 'unmarked')}")
    kept = installation.backup_host.archives.items()
    return sorted([*lines, *(f"backup: {content}" for archive, content in kept if archive != BACKUP.archive)])


def slots_that_disagree(installation: Installation) -> list[str]:
    """Return the sources whose slots are not those that are taken on the array."""
    world, wrong = installation.vnx.world, []
    for one in (one for one in world.volumes.values() if one.primary is None):
        mounts = sum(other.primary == one.number for other in world.volumes.values())
        snapshots = sum(one.number in image.contents for image in world.images.values())
        if installation.slots(one.name) != {"copies": mounts, "mounts": mounts, "snapshots": snapshots}:
            wrong.append(f"{one.name}: {installation.slots(one.name)}, not {mounts} and {snapshots}")
    return wrong


def held_alone(installation: Installation) -> list[str]:
    """Return the claims that are held though no job is under way: all but slots, and numbers of LUNs and host LUNs."""
    kept = {"copies", "mounts", "snapshots", "numbers", "hlus"}
    return [key for key in installation.held() if key.split(":")[0] not in kept]


def test_every_pair_stands_in_a_table() -> None:
    """Each request has its column, each that is accepted its row, and each operation a request."""
    asked = {str(one["operation"]) for requests in REQUESTS.values() for one in requests.values()}
    assert asked | ELSEWHERE == {*OPERATIONS, "clone-group"}
    for what, requests in REQUESTS.items():
        found = [(first, second) for table, first, second, _ in rows() if table == what]
        assert sorted(found) == sorted(product([one for one in requests if one not in ROWS[what]], requests))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Installation]:
    """Make what each table is about once: a pair works on a copy."""
    made = {what: Installation("", "", tmp_path_factory.mktemp("table")) for what in TABLES}
    for what, installation in made.items():
        prepare(installation, what)
        assert stands(installation) == after(what, [])
    return made


def check(prepared: Installation, folder: Path, what: str, words: Sequence[str], expected: Sequence[str]) -> None:
    """Play requests on a copy of what is prepared, and look at everything that is left."""
    installation = Installation("", "", folder)
    installation.copy(prepared)
    told, done = play(installation, what, words)
    assert told == list(expected), f"{words}: {told}"
    assert stands(installation) == after(what, done), words
    installation.read_array()
    assert (slots_that_disagree(installation), held_alone(installation)) == ([], []), words
    assert installation.records.under_way() == [], words


@pytest.mark.slow
@pytest.mark.parametrize("row", sorted({(what, first) for what, first, _, _ in rows()}), ids="-".join)
def test_a_row_of_the_table(prepared: dict[str, Installation], tmp_path: Path, row: tuple[str, str]) -> None:
    """Each second request waits, is refused or goes beside as the row says, and both leave what they should."""
    what, first = row
    for *_, second, expected in (one for one in rows() if one[:2] == row):
        why, _, then = expected.rpartition("/")
        check(prepared[what], tmp_path, what, (first, second), (f"b{why}", then))


@pytest.mark.parametrize("what", REQUESTS)
def test_what_is_refused_alone(prepared: dict[str, Installation], tmp_path: Path, what: str) -> None:
    """What a table has no row for is refused with nothing else under way, and leaves everything as it is."""
    for word, code in ROWS[what].items():
        check(prepared[what], tmp_path, what, (word,), (code,))


@pytest.mark.parametrize(("what", "words", "expected"), TRIPLES, ids=[words for _, words, _ in TRIPLES])
def test_three_at_one_time(
    prepared: dict[str, Installation], tmp_path: Path, what: str, words: str, expected: str
) -> None:
    """Of three requests each begins, waits or is refused as it says, and all leave what they should."""
    check(prepared[what], tmp_path, what, words.split(), expected.split())
