"""`vnx-jobs schedules`: what a user sees of schedules, and what he may change in them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Answer
from vnx_jobs.cli.exits import Exit
from vnx_jobs.model.array import Lun
from vnx_jobs.model.names import new_job_id, temporary_name
from vnx_jobs.ports import Lists
from vnx_jobs.settings import load
from vnx_jobs.wiring import House

SNAPSHOTS = ("create-snapshot", "--cron", "30 1 * * *", "--zone", "Europe/Berlin", "volume=gold", "name=gold-{due}")
POLICY = """
defaults: {zone: Europe/Berlin, missed: skip}
schedules:
  nightly:
    cron: 30 1 * * Mon-Fri
    volumes: [db-*, web]
    jobs: {operation: create-snapshot, volume: "{volume}", name: "{volume}-{due}"}
  weekly:
    cron: 0 4 * * Sun
    exclude: [2026-12-24..2027-01-06]
    never: [daily 08:00-18:00]
    jitter: 10m
    overlap: queue
    jobs:
      - {operation: create-snapshot, volume: gold, name: "gold-{date}"}
      - {operation: create-snapshot, volume: iron, name: "iron-{date}"}
"""


@pytest.fixture
def house(
    here: Callable[..., Answer], valkey_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Open what the program uses: one array, of which nothing is known."""
    del here  # whose home folder it is
    monkeypatch.setenv("VNX_JOBS_REDIS_URL", valkey_url)
    (tmp_path / "home").mkdir()
    (tmp_path / "password").write_text("x")
    array = f"{{spa: 127.0.0.1, user: a, password_file: {tmp_path}/password, numbers: 100-200}}"
    (tmp_path / "home" / "config.yaml").write_text(f"prefix: '{prefix}'\narrays: {{box: {array}}}\n")
    made = House(load())
    yield made
    made.close()


def names_made(house: House) -> list[str]:
    """Return the snapshots that jobs are to make."""
    return sorted(str(record.spec["name"]) for record in house.store.find())


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Write a policy file."""
    file = tmp_path / "nights.yaml"
    file.write_text(POLICY)
    return file


@pytest.mark.usefixtures("house")
def test_a_schedule_is_added_shown_and_removed(here: Callable[..., Answer]) -> None:
    """It is listed with when it begins next, shown with its next ten runs, and gone when it is removed."""
    assert here("schedules", "list").output == "no schedules\n"
    added = here("schedules", "add", "nightly", *SNAPSHOTS, "--exclude", "2030-01-01", "--overlap", "queue")
    assert (added.status, added.output.startswith("nightly begins ")) == (Exit.WELL, True), added.complaint
    head, line = here("schedules", "list", "-o", "wide").output.splitlines()
    assert re.split(" {2,}", head) == ["SCHEDULE", "CRON", "ZONE", "NEXT", "STANDING", "UNDER WAY", "OWNER"]
    assert [*re.split(" {2,}", line)[:3], "on time"] == ["nightly", "30 1 * * *", "Europe/Berlin", "on time"]
    shown = here("schedules", "show", "nightly")
    assert shown.output.count(" 01:30:00 ") == 10
    document = here("schedules", "show", "nightly", "--json").json
    job = {"operation": "create-snapshot", "volume": "gold", "name": "gold-{due}", "array": "box"}
    assert (document["jobs"], document["overlap"], document["exclude"]) == ([job], "queue", ["2030-01-01"])
    assert len(document["next"]) == 10
    assert here("schedules", "remove", "nightly").output == "nightly is removed\n"
    assert here("schedules", "list", "--json").json == []


@pytest.mark.usefixtures("house")
def test_a_name_is_replaced_only_if_said(here: Callable[..., Answer]) -> None:
    """Adding a schedule twice with other words is refused, and --replace replaces it."""
    here("schedules", "add", "nightly", *SNAPSHOTS)
    other = ("schedules", "add", "nightly", *SNAPSHOTS, "--missed", "all")
    refused = here(*other)
    assert (refused.status, refused.complains("replace it (--replace)")) == (Exit.REFUSED, True), refused.complaint
    assert here(*other, "--replace").status == Exit.WELL
    assert here("schedules", "show", "nightly", "--json").json["missed"] == "all"


def test_a_run_now(here: Callable[..., Answer], house: House) -> None:
    """It submits at once what the schedule holds, says which jobs these are, and the next waits for it."""
    here("schedules", "add", "nightly", *SNAPSHOTS)
    assert here("schedules", "pause", "nightly").status == Exit.WELL
    begun = here("schedules", "run", "nightly", "--json").json
    (record,) = house.store.find()
    assert (begun["job_ids"], begun["batch"]) == ([record.id], record.batch)
    assert re.fullmatch(r"gold-\d{8}T\d{6}Z", str(record.spec["name"]))
    assert record.by.startswith("schedule nightly, by ")
    waits = here("schedules", "run", "nightly")
    assert waits.output == "nightly waits until the run before is over\n"
    assert len(house.store.find()) == 1
    shown = here("schedules", "show", "nightly").output
    assert record.batch in shown
    assert "paused by " in shown
    assert here("schedules", "resume", "nightly").status == Exit.WELL
    assert here("schedules", "list", "--json").json[0]["standing"] == "1 wait"


def test_patterns_mean_the_volumes_of_the_last_list(here: Callable[..., Answer], house: House) -> None:
    """A run makes a job for each volume that a pattern means by then; what jobs made for themselves is none."""
    luns = ["db-1", "db-2", "web", temporary_name(house.settings.installation, new_job_id(), "lun")]
    seen = tuple(Lun(at, name, f"60:{at:02}", 4096, "pool", thin=True) for at, name in enumerate(luns, start=1))
    ticket, begun = house.inventory.ticket()
    lists = Lists(begun, ticket, luns=seen, snapshots=(), sessions=(), pools=())
    house.inventory.store("box", lists, range(100, 201))
    words = ("create-snapshot", "--cron", "0 1 * * *", "volume={volume}", "name={volume}-{date}")
    here("schedules", "add", "nightly", *words, "--volumes", "*-[12]", "--volumes", "vj*", "--volumes", "gone")
    assert len(here("schedules", "run", "nightly", "--json").json["job_ids"]) == 3
    assert [name.rpartition("-")[0] for name in names_made(house)] == ["db-1", "db-2", "gone"]


@pytest.mark.usefixtures("house")
def test_a_run_that_is_refused_says_why(here: Callable[..., Answer]) -> None:
    """Where no volume is meant, or none has a backup, nothing is submitted, and the run says so, now and later."""
    words = ("drill", "--cron", "0 1 * * *", "backup={backup}", "pool=p", "host=h")
    here("schedules", "add", "proofs", *words, "--volumes", "gold")
    ran = here("schedules", "run", "proofs")
    assert (ran.status, ran.output.splitlines()[1:]) == (Exit.REFUSED, ["gold has no backup yet"])
    assert here("schedules", "show", "proofs", "--json").json["last"][0]["problems"] == ["gold has no backup yet"]
    here("schedules", "add", "none", *words, "--volumes", "x*")
    assert "no volume is called x*" in here("schedules", "run", "none").output


def test_a_policy_file_is_applied(here: Callable[..., Answer], house: House, policy: Path) -> None:
    """The difference is shown first and changes nothing; applied, what the file no longer holds is removed."""
    here("schedules", "add", "by-hand", *SNAPSHOTS)
    planned = here("schedules", "apply", str(policy), "--plan")
    assert planned.output.splitlines() == [
        "+ nightly: 30 1 * * Mon-Fri (Europe/Berlin)",
        "+ weekly: 0 4 * * Sun (Europe/Berlin)",
        "2 added, 0 replaced, 0 removed, 0 as they were",
        "nothing was changed",
    ]
    assert len(here("schedules", "list", "--json").json) == 1
    assert here("schedules", "apply", str(policy)).status == Exit.WELL
    before = house.scheduler.standing("nightly")[1]
    policy.write_text(POLICY.partition("  weekly:")[0].replace("missed: skip", "missed: once"))
    again = here("schedules", "apply", str(policy), "--json").json
    assert again == {
        "stored": True,
        "owner": "nights",
        "added": [],
        "replaced": [{"schedule": "nightly", "fields": {"missed": ["skip", "once"]}}],
        "removed": ["weekly"],
        "same": [],
    }
    assert [one["schedule"] for one in here("schedules", "list", "--json").json] == ["by-hand", "nightly"]
    assert house.scheduler.standing("nightly")[1].handled == before.handled
    assert here("schedules", "apply", str(policy)).output == "0 added, 0 replaced, 0 removed, 1 as they were\n"


@pytest.mark.usefixtures("house")
def test_nobody_takes_anothers_schedule(here: Callable[..., Answer], policy: Path, tmp_path: Path) -> None:
    """A file that names a schedule of another file, or one made by hand, is refused whole."""
    here("schedules", "add", "weekly", *SNAPSHOTS)
    assert here("schedules", "apply", str(policy)).complains("schedule weekly was made by hand, not in nights")
    assert [one["schedule"] for one in here("schedules", "list", "--json").json] == ["weekly"]
    here("schedules", "remove", "weekly")
    here("schedules", "apply", str(policy))
    other = tmp_path / "other.yaml"
    other.write_text(POLICY)
    assert here("schedules", "apply", str(other), "--plan").complains("schedule nightly stands in nights")


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("volume=gold", "name=gold"), "would make a snapshot called gold: put {due} into its name"),
        (("volume=gold", "name=gold-{day}"), "there is no name {day} (there are {date}, {time}, {due}, {volume}"),
        (("volume={volume}", "name=a-{due}"), "{volume} needs volumes"),
        (("volume=gold", "name=gold-{due}", "size=1"), "there is no field 'size'"),
        (("volume=gold", f"name={'g' * 60}-{{due}}"), "more than 64"),
        (("volume=gold", "name=g-{due}", "--cron", "0 1 * *"), "cron needs five fields"),
        (("volume=gold", "name=g-{due}", "--zone", "Mars"), "zone names no time zone known here (got 'Mars')"),
        (("volume=gold", "name=g-{due}", "--only", "daily 02:00-03:00"), "schedule nightly is never due"),
        (("volume=gold", "name=g-{due}", "array=other"), "other"),
    ],
)
def test_mistakes_are_one_line(here: Callable[..., Answer], words: tuple[str, ...], said: str) -> None:
    """Each is said when the schedule is added, and nothing is stored."""
    refused = here("schedules", "add", "nightly", "create-snapshot", "--cron", "0 1 * * *", *words)
    assert (refused.status, refused.complains(said)) == (Exit.REFUSED, True), refused.complaint
    assert here("schedules", "list").output == "no schedules\n"


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schedules: [a]", "must be NAME: VALUE lines"),
        ("schedules: {a b: {}}", "letters, digits"),
        ("schedules: {a: {cron: 0 1 * * *}}", "schedule a: jobs is missing"),
        ("schedules: {a: {cron: 0 1 * * *, jobs: {operation: fly}}}", "unknown operation 'fly'"),
        ("schedules: {a: {cron: 0 1 * * *, name: b}}", "name is not given here"),
        ("schedule: {}", "there is no 'schedule' at the top"),
        ("schedules: {a: 1", "nights.yaml:2: this is not YAML"),
        ("owner: [a]\nschedules: {}", "owner must be a name"),
    ],
)
def test_mistakes_in_a_policy_file(here: Callable[..., Answer], policy: Path, text: str, said: str) -> None:
    """Each is one line that names the file, and nothing is changed."""
    policy.write_text(text)
    refused = here("schedules", "apply", str(policy))
    assert (refused.status, refused.complains(said)) == (Exit.REFUSED, True), refused.complaint
    assert "nights.yaml" in refused.complaint


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("words", [("show",), ("pause",), ("resume",), ("run",), ("remove",)])
def test_a_schedule_that_there_is_not(here: Callable[..., Answer], words: tuple[str, ...]) -> None:
    """Whoever names one is told where the names are."""
    refused = here("schedules", *words, "gone")
    assert (refused.status, refused.complains("there is no schedule gone: see `vnx-jobs schedules list`")) == (2, True)
