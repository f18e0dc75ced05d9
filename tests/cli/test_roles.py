"""Who may what by the command line: each command with each role, over a real service; and what a token does not see."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.api.site import OTHER
from tests.backup_host import HOST, REPOSITORY
from tests.cli.commands import every_command
from tests.cli.far import HIDDEN, Machines, machines
from tests.cli.terminal import Answer
from vnx_jobs.cli.dispatch import ANYWHERE, BESIDE, REMOTE
from vnx_jobs.cli.exits import Exit
from vnx_jobs.model.authority import Role


@dataclass(frozen=True)
class Row:
    """A command: who may give it at least, with what words, and how it then ends."""

    role: Role
    words: tuple[str, ...]
    status: Exit = Exit.WELL
    says: str = ""
    """What it says if it is refused for another reason than the role."""


LOOKS = {
    "jobs": Row(Role.VIEWER, ()),
    "job": Row(Role.VIEWER, ("JOB",)),
    "watch": Row(Role.VIEWER, ("DONE",)),
    "arrays": Row(Role.VIEWER, ()),
    "volumes": Row(Role.VIEWER, ("box",)),
    "sources": Row(Role.VIEWER, ("box",)),
    "volume show": Row(Role.VIEWER, ("box", "gold")),
    "batches list": Row(Role.VIEWER, ()),
    "batches show": Row(Role.VIEWER, ("web-batch",)),
    "batches report": Row(Role.VIEWER, ("web-batch",)),
    "backups list": Row(Role.VIEWER, ()),
    "backups show": Row(Role.VIEWER, ("ARCHIVE",)),
    "backups volumes": Row(Role.VIEWER, ()),
    "backups retention": Row(Role.VIEWER, ("--last", "1")),
    "schedules list": Row(Role.VIEWER, ()),
    "schedules show": Row(Role.VIEWER, ("web-nightly",)),
}
OPERATES = {
    "submit": Row(Role.OPERATOR, ("create-volume", "name=v", "size_gb=1", "pool=pool", "array=box", "--key", "KEY")),
    "batch": Row(Role.OPERATOR, ("FILE", "--array", "box")),
    "backup": Row(Role.OPERATOR, ("gold", "--to", REPOSITORY, "--host", HOST, "--array", "box")),
    "restore": Row(Role.OPERATOR, ("ARCHIVE", "--as", "back", "--pool", "pool", "--host", HOST)),
    "drill": Row(Role.OPERATOR, ("ARCHIVE", "--pool", "pool", "--host", HOST)),
    "backups verify": Row(Role.OPERATOR, ("ARCHIVE", "--host", HOST)),
    "backups prune": Row(Role.OPERATOR, ("web-db", "--daily", "7", "--host", HOST, "--array", "box")),
    "backups pin": Row(Role.OPERATOR, ("ARCHIVE",)),
    "backups unpin": Row(Role.OPERATOR, ("ARCHIVE",)),
    "pause": Row(Role.OPERATOR, ("JOB",)),
    "resume": Row(Role.OPERATOR, ("JOB",)),
    "undo": Row(Role.OPERATOR, ("JOB",), Exit.REFUSED, "only a stuck job is undone"),
    "abandon": Row(Role.OPERATOR, ("JOB",), Exit.REFUSED, "only a stuck job can be abandoned"),
    "cancel": Row(Role.OPERATOR, ("LATE",)),
    "batches pause": Row(Role.OPERATOR, ("web-batch",)),
    "batches resume": Row(Role.OPERATOR, ("web-batch",)),
    "batches undo": Row(Role.OPERATOR, ("web-batch",)),
    "batches cancel": Row(Role.OPERATOR, ("web-batch",)),
    "retry": Row(Role.OPERATOR, ("JOB",)),
}
MANAGES = {
    "schedules add": Row(
        Role.ADMIN,
        ("new", "delete-volume", "name=gold", "--cron", "0 1 * * *", "--array", "box"),
    ),
    "schedules apply": Row(Role.ADMIN, ("POLICY", "--array", "box")),
    "schedules pause": Row(Role.ADMIN, ("web-nightly",)),
    "schedules resume": Row(Role.ADMIN, ("web-nightly",)),
    "schedules run": Row(Role.ADMIN, ("web-nightly",)),
    "schedules remove": Row(Role.ADMIN, ("web-nightly",)),
}
TABLE = LOOKS | OPERATES | MANAGES
"""Every command that goes over HTTP, in an order in which each makes sense."""
HELD = {"pause": ("--array", "box"), "resume": ("--array", "box")}
"""Of these an admin is needed for another meaning."""


@pytest.fixture
def two(valkey_url: str, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Machines]:
    """Give the program elsewhere, with something of every kind on each of two arrays."""
    with machines(valkey_url, prefix, tmp_path, capsys) as made:
        yield made


def test_the_commands_are_these() -> None:
    """Every command stands in this file's tables, says the same anywhere, or is given beside the state server alone."""
    assert TABLE.keys() == REMOTE.keys()
    assert TABLE.keys() | ANYWHERE | BESIDE.keys() == every_command().keys()


@pytest.mark.parametrize("role", list(Role))
def test_each_command_with_each_role(two: Machines, role: Role) -> None:
    """A viewer looks, an operator submits and orders, an admin manages; who may not is told so, with status 2."""
    names = _names(two)
    order = list(Role)
    for command, row in TABLE.items():
        answer = two.far(*command.split(), *(names.get(word, word) for word in row.words), token=str(role))
        if order.index(role) < order.index(row.role):
            _refused(answer, f"{role} is ")
            assert "may not" in answer.complaint, (command, answer)
        elif row.says:
            _refused(answer, row.says)
        else:
            assert answer.status == row.status, (command, answer)
            assert "error" not in answer.complaint, (command, answer)
    for command, words in HELD.items():
        answer = two.far(command, *words, token=str(role))
        assert answer.status == (Exit.WELL if role is Role.ADMIN else Exit.REFUSED), answer
    changed = len(two.site.house.store.find())
    assert changed == (5 if role is Role.VIEWER else 13 if role is Role.OPERATOR else 14)


@pytest.mark.parametrize("token", ["", "nobody"])
def test_without_a_known_token_everything_is_refused(two: Machines, token: str) -> None:
    """Who bears no token, or one that nobody knows, is refused with status 2, and nothing is changed."""
    names = _names(two)
    for command, row in TABLE.items():
        words = (names.get(word, word) for word in row.words)
        _refused(two.far(*command.split(), *words, token=token), "token")
    assert len(two.site.house.store.find()) == 5


def test_how_a_token_is_given_is_told(two: Machines) -> None:
    """Who gives no token to a service that asks for one is told how; so is who gives a file without one."""
    _refused(two.far("jobs", VNX_JOBS_TOKEN_FILE=""), "by --token-file or VNX_JOBS_TOKEN_FILE")
    (two.folder / "empty").write_text("\n")
    _refused(two.far("jobs", VNX_JOBS_TOKEN_FILE=str(two.folder / "empty")), "empty holds no token")


def _refused(answer: Answer, says: str) -> None:
    assert (answer.status, answer.output) == (Exit.REFUSED, ""), answer
    assert answer.complains(says), answer


def _names(two: Machines) -> dict[str, str]:
    """Return what the words of the table stand for."""
    jobs = {one.name: one.id for one in two.site.house.store.find()}
    manifest = two.folder / "rows.yaml"
    manifest.write_text("jobs: [{operation: create-volume, name: row, size_gb: 1, pool: pool}]\n")
    policy = two.folder / "nights.yaml"
    policy.write_text("schedules: {b: {cron: 0 1 * * *, jobs: {operation: delete-volume, name: gold}}}\n")
    archive = two.site.house.catalogue.find("box")[0].archive
    done = {"POLICY": str(policy)} | {"JOB": jobs["web-1"], "LATE": jobs["web-2"], "DONE": jobs["gold-1"]}
    return {**done, "ARCHIVE": archive, "FILE": str(manifest), "KEY": "order-1"}


ELSEWHERE = {
    "jobs": ("--array", "ARRAY"),
    "job": ("JOB",),
    "watch": ("JOB",),
    "volumes": ("ARRAY",),
    "sources": ("ARRAY",),
    "volume show": ("ARRAY", "LUN"),
    "batches show": ("BATCH",),
    "batches report": ("BATCH",),
    "backups list": ("--array", "ARRAY"),
    "backups show": ("ARCHIVE",),
    "backups volumes": ("--array", "ARRAY"),
    "backups retention": ("--array", "ARRAY", "--last", "1"),
    "schedules show": ("SCHEDULE",),
    "submit": ("delete-volume", "name=LUN", "--array", "ARRAY"),
    "batch": ("FILE", "--array", "ARRAY"),
    "backup": ("LUN", "--to", REPOSITORY, "--host", "a-host", "--array", "ARRAY"),
    "restore": ("ARCHIVE", "--as", "back", "--pool", "pool", "--host", "a-host"),
    "drill": ("VOLUME", "--pool", "pool", "--host", "a-host"),
    "backups verify": ("ARCHIVE", "--host", "a-host"),
    "backups prune": ("LUN", "--last", "1", "--host", "a-host", "--array", "ARRAY"),
    "backups pin": ("ARCHIVE",),
    "backups unpin": ("--volume", "VOLUME"),
    "pause": ("--array", "ARRAY"),
    "resume": ("--array", "ARRAY"),
    "cancel": ("JOB",),
    "undo": ("JOB",),
    "abandon": ("JOB",),
    "retry": ("JOB",),
    **{f"batches {order}": ("BATCH",) for order in ("pause", "resume", "undo", "cancel")},
    **{f"schedules {order}": ("SCHEDULE",) for order in ("pause", "resume", "run", "remove")},
    "schedules add": ("new", "delete-volume", "name=LUN", "--cron", "0 1 * * *", "--array", "ARRAY"),
    "schedules apply": ("POLICY", "--array", "ARRAY"),
}
"""Of each command that can name something, words that name what is on the other array."""
LISTS = ("jobs", "arrays", "batches list", "backups list", "schedules list")


def test_the_commands_that_name_nothing_are_lists() -> None:
    """Every command over HTTP is tried on the other array, but for those that only list everything."""
    assert ELSEWHERE.keys() | set(LISTS) == TABLE.keys()


def test_what_a_token_does_not_see_is_not_there(two: Machines) -> None:
    """To an admin of one array what is on the other one is as what there is not, and no command changes it."""
    hidden = _hidden(two)
    nobody = {word: f"none-{word.lower()}" for word in hidden} | {name: hidden[name] for name in ("FILE", "POLICY")}
    before = two.site.house.store.find()
    for command, words in ELSEWHERE.items():
        there, nowhere = (_asked(two, command, words, names) for names in (hidden, nobody))
        assert (there.status, there.output) == (Exit.REFUSED, ""), (command, there)
        told = there.complaint
        for word, name in sorted(hidden.items(), key=lambda one: -len(one[1])):
            told = told.replace(name, nobody[word])
        assert told == nowhere.complaint, command
        assert HIDDEN not in told, command
    assert two.site.house.store.find() == before


def test_a_token_sees_neither_names_nor_counts_of_another_array(two: Machines) -> None:
    """Lists of all that there is hold what is on the token's array alone, in every form."""
    token = "viewer-box"  # noqa: S105 -- a test's own
    expected = {"jobs": 3, "arrays": 1, "batches list": 1, "backups list": 1, "schedules list": 1}
    for command in LISTS:
        answer = two.far(*command.split(), "--json", token=token)
        assert len(answer.json) == expected[command], command
        wide = two.far(*command.split(), "-o", "wide", token=token)
        assert not any(name in answer.output + wide.output for name in (HIDDEN, OTHER)), command


def _asked(two: Machines, command: str, words: tuple[str, ...], names: dict[str, str]) -> Answer:
    given = []
    for word in words:
        for stands_for, name in names.items():
            word = word.replace(stands_for, name)  # noqa: PLW2901 -- one after the other
        given.append(word)
    return two.far(*command.split(), *given, token="admin-box")  # noqa: S106 -- a test's own


def _hidden(two: Machines) -> dict[str, str]:
    """Return the names of what is on the other array."""
    job = next(one.id for one in two.site.house.store.find() if one.array == OTHER)
    file = two.folder / "rows.yaml"
    file.write_text("jobs: [{operation: delete-volume, name: row}]\n")
    policy = two.folder / "nights.yaml"
    policy.write_text("schedules: {b: {cron: 0 1 * * *, jobs: {operation: delete-volume, name: gold}}}\n")
    return {
        "JOB": job,
        "ARRAY": OTHER,
        "LUN": f"{HIDDEN}-lun",
        "BATCH": f"{HIDDEN}-web-batch",
        "ARCHIVE": two.site.house.catalogue.find(OTHER)[0].archive,
        "VOLUME": f"{HIDDEN}-web-db",
        "SCHEDULE": f"{HIDDEN}-web-nightly",
        "FILE": str(file),
        "POLICY": str(policy),
    }
