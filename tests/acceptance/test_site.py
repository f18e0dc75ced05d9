"""What a user is promised, over real processes."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.acceptance.site import ARRAY, Site
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.specs import SnapCopy
from vnx_jobs.model.states import State
from vnx_jobs.ports import Accepted
from vnx_jobs.simulator.host import HostLun
from vnx_jobs.submission import Request
from vnx_jobs.wiring import House

pytestmark = pytest.mark.real


def test_an_undisturbed_snap_copy_costs_three_commands_and_shared_reads(make_site: Callable[..., Site]) -> None:
    """Ten snap copies: 30 changing commands, and LUN lists that do not grow with the number of jobs."""
    site = make_site()
    site.start_worker()
    site.source()
    jobs = [site.submit("snap-copy", name=f"copy-{n}", source="gold").job for n in range(10)]
    assert [record.state for record in site.wait(*jobs)] == [State.SUCCEEDED] * 10
    assert len(site.commands("snap", "-create")) == 10
    assert len(site.commands("lun", "-create", "-type", "snap")) == 10
    assert len(site.commands("lun", "-attach")) == 10
    shown = site.shown()
    assert sorted(lun["name"] for lun in shown["luns"]) == ["copy-0", *(f"copy-{n}" for n in range(1, 10)), "gold"]
    assert len(shown["snapshots"]) == 10


def test_a_clone_whose_worker_is_killed_completes(make_site: Callable[..., Site]) -> None:
    """Kill -9 in the middle of a full clone: another worker completes it, and nothing temporary is left."""
    site = make_site()
    first = site.start_worker()
    site.source(size_gb=4)
    job = site.submit("clone", name="twin", source="gold").job
    site.until(lambda: site.record(job).step == "copy-onto-target")
    site.kill_worker(first)
    site.start_worker()
    (record,) = site.wait(job)
    assert record.state is State.SUCCEEDED
    shown = site.shown()
    assert sorted(lun["name"] for lun in shown["luns"]) == ["gold", "twin"]
    assert (shown["snapshots"], shown["migrations"]) == ([], [])


def _four_producers(site: Site, copies: int, stem: str) -> tuple[list[str], list[Refused]]:
    """Submit snap copies of one source from four producers in parallel; return the accepted jobs, and the refusals."""

    def produce(producer: int) -> list[Accepted | Refused]:
        house = House(site.settings)
        names = [f"{stem}-{producer}-{n}" for n in range(copies // 4)]
        try:
            return house.submission.submit_many(
                [Request(SnapCopy(array=ARRAY, name=name, source="gold")) for name in names]
            )
        finally:
            house.close()

    with ThreadPoolExecutor(4) as producers:
        answers = [answer for answers in producers.map(produce, range(4)) for answer in answers]
    accepted = [answer.job for answer in answers if isinstance(answer, Accepted)]
    return accepted, [answer for answer in answers if isinstance(answer, Refused)]


def _kill_two_workers(site: Site) -> None:
    """Kill -9 each worker in the thick of it, and start another in its place."""
    for worker, enough in zip(tuple(site.workers), (3, 8), strict=True):
        site.until(partial(_attached, site, enough))
        site.kill_worker(worker)
        site.start_worker()


def _attached(site: Site, enough: int) -> bool:
    return len(site.commands("lun", "-attach")) > enough


def _copies(site: Site) -> list[str]:
    return sorted(lun["name"] for lun in site.shown()["luns"] if lun["primary"] == "gold")


def _delete_and_fill_again(site: Site, deleted: int) -> None:
    """Delete some snap copies of a full source; exactly as many of twice as many requests are accepted again."""
    gone = [site.submit("delete-volume", name=name).job for name in _copies(site)[:deleted]]
    assert {record.state for record in site.wait(*gone)} == {State.SUCCEEDED}
    accepted, refused = _four_producers(site, 2 * deleted, "late")
    assert (len(accepted), len(refused)) == (deleted, deleted)
    assert {record.state for record in site.wait(*accepted)} == {State.SUCCEEDED}


@pytest.mark.full
@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "two workers killed"])
def test_255_of_300_snap_copies(make_site: Callable[..., Site], *, killed: bool) -> None:
    """Of 300 snap copies 255 are accepted and 45 refused at once; twelve deleted let exactly twelve more in."""
    site = make_site(command_slots=8, times={"watch_tick": 40})
    for _ in range(2):
        site.start_worker()
    site.source()
    before = len(site.log())
    accepted, refused = _four_producers(site, 300, "copy")
    assert (len(accepted), len(refused)) == (255, 45)
    assert {(one.code, one.details["used"], one.details["limit"]) for one in refused} == {(Code.COPIES_LIMIT, 255, 255)}
    if killed:
        _kill_two_workers(site)
    assert {record.state for record in site.wait(*accepted, limit=400)} == {State.SUCCEEDED}
    assert (len(_copies(site)), len(site.shown()["snapshots"])) == (255, 255)
    if not killed:
        changes = [entry for entry in site.log()[before:] if not {"-list", "-getport"} & {*entry["argv"]}]
        counted = Counter(" ".join(entry["argv"][:2]) for entry in changes)
        assert counted == {"snap -create": 255, "lun -create": 255, "lun -attach": 255}
        assert {entry["status"] for entry in changes} == {0}
    _delete_and_fill_again(site, 12)
    assert (len(_copies(site)), len(site.shown()["snapshots"])) == (255, 255)


def test_a_source_that_is_nearly_full(make_site: Callable[..., Site]) -> None:
    """With 235 mount points made by others, 20 of 40 snap copies are accepted, whatever becomes of the workers."""
    site = make_site(times={"watch_tick": 20})
    for _ in range(2):
        site.start_worker()
    site.source()
    for number in range(235):
        site.admin("lun", "-create", "-type", "snap", "-primaryLunName", "gold", "-name", f"theirs-{number}")
    site.until(lambda: len(site.house.inventory.volumes(ARRAY)) == 236)
    accepted, refused = _four_producers(site, 40, "copy")
    assert (len(accepted), len(refused)) == (20, 20)
    assert {(one.code, one.details["used"], one.details["limit"]) for one in refused} == {(Code.SLOTS_LIMIT, 255, 255)}
    _kill_two_workers(site)
    assert {record.state for record in site.wait(*accepted, limit=200)} == {State.SUCCEEDED}
    assert len(_copies(site)) == 255
    _delete_and_fill_again(site, 4)
    assert len(_copies(site)) == 255
    assert len(site.shown()["snapshots"]) == 20


def test_twenty_clones_on_four_permits_cost_one_session_list_a_tick(make_site: Callable[..., Site]) -> None:
    """Waiting clones hold no worker and no message, and all together cost one `migrate -list` a tick."""
    site = make_site(migrations=4, times={"watch_tick": 20})
    site.start_worker()
    site.source()
    jobs = [site.submit("clone", name=f"twin-{n}", source="gold").job for n in range(20)]
    site.until(lambda: sum("waits for a place" in site.record(job).why for job in jobs) >= 8)
    waiting = [record for record in map(site.record, jobs) if "waits for a place" in record.why]
    assert {(record.state, record.attempts) for record in waiting} == {(State.WAITING, 0)}
    assert all(record.lease == 0 for record in waiting)
    client = site.house.server.client
    site.until(lambda: client.hlen(f"{site.settings.prefix}mq:unacked") == 0)  # those of jobs at work come and go
    assert {record.state for record in site.wait(*jobs, limit=240)} == {State.SUCCEEDED}
    assert sorted(lun["name"] for lun in site.shown()["luns"]) == sorted(["gold", *(f"twin-{n}" for n in range(20))])
    assert site.shown()["snapshots"] == []
    lists = site.commands("migrate", "-list")
    gaps = [after["time"] - before["time"] for before, after in itertools.pairwise(lists)]
    assert min(gaps) > 0.9
    assert _most_at_once(site) <= 4


def _most_at_once(site: Site) -> int:
    """Return the most sessions under way at one moment, by the log of their starts.

    A gigabyte at 44 MB/s takes 23.3 s, on this array a twentieth of that.
    """
    starts = [float(entry["time"]) for entry in site.commands("migrate", "-start") if entry["status"] == 0]
    return max(sum(now - 23.3 / 20 < start <= now for start in starts) for now in starts)


def test_a_clone_is_the_source_at_one_instant(make_site: Callable[..., Site]) -> None:
    """While a host goes on numbering its writes, a full clone holds a prefix of them: all up to one, none after."""
    site = make_site()
    site.start_worker()
    site.source()
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        with HostLun(site.box, "gold") as device:
            for number in itertools.count(1):
                if stop.is_set():
                    return
                device.write((number - 1) * 512, number.to_bytes(512, "big"))
                written.append(number)

    host = threading.Thread(target=write)
    host.start()
    try:
        site.until(lambda: len(written) > 20)
        (record,) = site.wait(site.submit("clone", name="twin", source="gold").job)
    finally:
        stop.set()
        host.join()
    assert record.state is State.SUCCEEDED
    with HostLun(site.box, "twin") as device:
        sectors = device.read(0, (len(written) + 10) * 512)
    numbers = [int.from_bytes(sectors[at : at + 512], "big") for at in range(0, len(sectors), 512)]
    copied = max(numbers)
    assert 20 < copied < len(written)
    assert numbers == [*range(1, copied + 1), *[0] * (len(numbers) - copied)]
