"""The conflict table: what becomes of a request while another job holds the same volume, snapshot, source or group.

Each pair is submitted to an installation of its own, the first and then the second, before either has taken a step:
`beside` begins at once, `waits` for the other, and a code is a refusal that no waiting could mend. Every one that was
accepted ends.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from tests.backup_host import HOST, REPOSITORY, digest_of
from tests.installation import Installation
from tests.state_server import remove_keys
from vnx_jobs.adapters.memory.array import MemoryArray
from vnx_jobs.model.backup import Backup, Label
from vnx_jobs.model.errors import Refused
from vnx_jobs.model.specs import OPERATIONS
from vnx_jobs.model.states import ENDED, State

TABLES: Final = {
    "a plain volume": """
          snapshot snap-copy clone extend rename mark let-go adopt migrate retype delete group attach backup onto
snapshot  b        b         b     w      w      w    w      w     S       S      S      b     b        b      w
snap-copy b        b         b     w      w      w    w      w     C       C      C      b     b        b      C
clone     b        b         b     w      w      w    w      w     w       w      w      b     b        b      w
extend    w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
rename    w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
mark      w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
let-go    w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
adopt     w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
migrate   w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
retype    w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
delete    w        w         w     w      w      w    w      w     w       w      w      w     w        w      w
group     b        b         b     w      w      w    w      w     w       w      w      b     b        b      w
attach    b        b         b     w      w      w    w      w     w       w      w      b     w        b      w
backup    b        b         b     w      w      w    w      w     w       w      w      b     b      w      w
onto      w        w         w     w      w      w    w      w     w       w      w      w     w      w      w
""",
    "a volume with a snapshot, a snap copy and a group": """
          snapshot copy branch restore drop snap-copy clone promote drop-copy extend all leave disband backup
snapshot  b        b    b      w       b    b         b     b       b         w      b   b     b       b
copy      b        b    b      w       w    b         b     b       b         w      b   b     b       b
branch    b        b    b      w       w    b         b     b       b         w      b   b     b       b
restore   w        w    w      w       w    w         w     w       w         w      w   w     b       w
drop      b        w    w      w       w    b         b     b       b         w      b   b     b       b
snap-copy b        b    b      w       b    b         b     b       b         w      b   b     b       b
clone     b        b    b      w       b    b         b     b       b         w      b   b     b       b
promote   b        b    b      w       b    b         b     w       w         w      b   b     b       b
drop-copy b        b    b      w       b    b         b     w       w         w      b   b     b       b
extend    w        w    w      w       w    w         w     w       w         w      w   w     b       w
all       b        b    b      w       b    b         b     b       b         w      b   w     w       b
leave     b        b    b      w       b    b         b     b       b         w      w   w     w       w
disband   b        b    b      b       b    b         b     b       b         b      w   w     w       w
backup    b        b    b      w       b    b         b     b       b         w      b   w     w       w
""",
}
"""b: goes beside; w: waits; S: refused has-snapshots; C: refused has-copies."""

REQUESTS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "a plain volume": {
        "snapshot": {"operation": "create-snapshot", "name": "image-{}", "volume": "plain"},
        "snap-copy": {"operation": "snap-copy", "name": "copy-{}", "source": "plain"},
        "clone": {"operation": "clone", "name": "twin-{}", "source": "plain"},
        "extend": {"operation": "extend-volume", "name": "plain", "size_gb": "1{}"},
        "rename": {"operation": "rename-volume", "name": "plain", "new_name": "name-{}"},
        "mark": {"operation": "set-readonly", "name": "plain", "readonly": "true"},
        "let-go": {"operation": "unmanage-volume", "name": "plain"},
        "adopt": {"operation": "manage-volume", "existing": "plain", "name": "adopted-{}"},
        "migrate": {"operation": "migrate-volume", "name": "plain", "pool": "other"},
        "retype": {"operation": "retype-volume", "name": "plain", "provisioning": "thick"},
        "delete": {"operation": "delete-volume", "name": "plain"},
        "group": {"operation": "create-group", "name": "group-{}", "members": ["plain"]},
        "attach": {"operation": "attach-volume", "volumes": ["plain"], "host": "host", "mode": "ro"},
        "backup": {"operation": "backup", "volumes": ["plain"], "repository": REPOSITORY, "host": HOST},
        "onto": {"operation": "restore-backup", "backup": "{backup}", "name": "plain", "overwrite": True, "host": HOST},
    },
    "a volume with a snapshot, a snap copy and a group": {
        "snapshot": {"operation": "create-snapshot", "name": "image-{}", "volume": "gold"},
        "copy": {"operation": "copy-snapshot", "name": "image-{}", "snapshot": "monday"},
        "branch": {"operation": "snap-copy", "name": "copy-{}", "snapshot": "monday"},
        "restore": {"operation": "restore-snapshot", "name": "monday", "volume": "gold"},
        "drop": {"operation": "delete-snapshot", "name": "monday"},
        "snap-copy": {"operation": "snap-copy", "name": "copy-{}", "source": "gold"},
        "clone": {"operation": "clone", "name": "twin-{}", "source": "gold"},
        "promote": {"operation": "promote-volume", "name": "copy"},
        "drop-copy": {"operation": "delete-volume", "name": "copy"},
        "extend": {"operation": "extend-volume", "name": "gold", "size_gb": "1{}"},
        "all": {"operation": "create-group-snapshot", "name": "all-{}", "group": "set"},
        "leave": {"operation": "remove-from-group", "name": "set", "members": ["gold"]},
        "disband": {"operation": "delete-group", "name": "set"},
        "backup": {"operation": "backup", "group": "set", "repository": REPOSITORY, "host": HOST},
    },
}
CELLS: Final = {"b": "beside", "w": "waits", "S": "has-snapshots", "C": "has-copies"}
ELSEWHERE: Final = {
    *("create-volume", "detach-volume", "add-to-group", "delete-group-snapshot", "clean-up"),
    "reconcile",
    *("drill", "verify-backup", "prune-backups"),
}
"""Operations that no row is about: they make what nobody else has yet, or take the claims of one that is.

Those about a backup that is there hold no volume, but what its backups are kept in, which a backup of it holds too.
"""


BACKUP: Final = Label("box", "other", "60:06", "", "01ARZ3NDEKTSV4RRFFQ69G5FB0", 1_700_000_000_000, 2 << 30)
"""Of a volume that is no more."""


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Read the tables: which, first, second, and what becomes of the second."""
    for what, text in TABLES.items():
        head, *lines = text.strip().splitlines()
        for line in lines:
            first, *cells = line.split()
            yield from ((what, first, second, CELLS[cell]) for second, cell in zip(head.split(), cells, strict=True))


def request(what: str, word: str, number: int) -> dict[str, Any]:
    """Return a request of a pair, with names of its own."""
    fields = REQUESTS[what][word].items()
    return {
        name: text.format(number, backup=BACKUP.archive) if isinstance(text, str) else text for name, text in fields
    }


def queues(installation: Installation) -> Iterator[bytes]:
    """Return the claims for which some job still waits."""
    for queue in "qp":
        yield from installation.server.client.scan_iter(match=f"{installation.server.prefix}{queue}:*")


def prepare(installation: Installation, what: str) -> None:
    """Put on the array what the table is about."""
    MemoryArray(installation.vnx).create_storage_group(HOST)
    if what == "a plain volume":
        installation.make("plain", content="ore")
        array = MemoryArray(installation.vnx)
        array.create_storage_group("host")
        installation.backup_host.archives[BACKUP.archive] = "rust"
        label, kept = BACKUP.with_digest(digest_of("rust")), {"tool": "files", "repository": REPOSITORY}
        installation.catalogue.enter(Backup.of(label, added=4, seconds=1.0, **kept))
        installation.read_array()
        return
    installation.make("gold", content="ore")
    for one in (
        {"operation": "create-snapshot", "name": "monday", "volume": "gold"},
        {"operation": "snap-copy", "name": "copy", "source": "gold"},
        {"operation": "create-group", "name": "set", "members": ["gold"]},
    ):
        made = installation.do(**one)
        assert made.state is State.SUCCEEDED, made.error
    installation.read_array()


def outcome(installation: Installation, fields: dict[str, Any]) -> tuple[str, str]:
    """Submit a request; say what becomes of it, and its job if there is one."""
    try:
        job = installation.submit(**fields).job
    except Refused as refused:
        return str(refused.code), ""
    record = installation.record(job)
    return {State.QUEUED: "beside", State.WAITING: "waits"}[record.state], job


def test_every_pair_stands_in_a_table() -> None:
    """Each request has its row and its column, and each operation that can be asked for has a request."""
    asked = {str(one["operation"]) for requests in REQUESTS.values() for one in requests.values()}
    assert asked | ELSEWHERE == set(OPERATIONS)
    for what, requests in REQUESTS.items():
        found = [(first, second) for table, first, second, _ in rows() if table == what]
        assert sorted(found) == sorted(product(requests, requests))


@pytest.fixture(scope="module")
def prepared(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Installation]]:
    """Make what each table is about once: a pair works on a copy."""
    made = {}
    for number, what in enumerate(TABLES):
        made[what] = Installation(valkey_url, f"conflicts{number}:", tmp_path_factory.mktemp("table"))
        prepare(made[what], what)
    yield made
    for one in made.values():
        remove_keys(valkey_url, one.server.prefix)
        one.close()


@pytest.mark.slow
@pytest.mark.parametrize("row", sorted({(what, first) for what, first, _, _ in rows()}), ids="-".join)
def test_a_row_of_the_table(
    prepared: dict[str, Installation], valkey_url: str, prefix: str, tmp_path: Path, row: tuple[str, str]
) -> None:
    """Each second request waits, is refused or goes beside as the row says, and whatever was accepted ends."""
    what, first = row
    for number, (*_, second, expected) in enumerate(one for one in rows() if one[:2] == row):
        installation = Installation(valkey_url, f"{prefix}{number}:", tmp_path)
        installation.copy(prepared[what])
        begun, job = outcome(installation, request(what, first, 1))
        assert begun == "beside", f"{first} alone: {begun}"
        found, later = outcome(installation, request(what, second, 2))
        assert found == expected, f"{first}, then {second}: {found}"
        ended = installation.run(job, *filter(None, [later]))
        assert {one.state for one in ended} <= ENDED
        assert ended[0].state is State.SUCCEEDED, f"{first}: {ended[0].error}"
        assert list(queues(installation)) == []
        installation.close()
