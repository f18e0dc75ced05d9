"""What a user is promised, over real processes."""

import itertools
import threading
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


def _four_producers(site: Site, copies: int) -> list[Accepted | Refused]:
    """Submit snap copies of one source from four producers in parallel, each with its own connections."""

    def produce(producer: int) -> list[Accepted | Refused]:
        house = House(site.settings)
        names = [f"copy-{producer}-{n}" for n in range(copies // 4)]
        specs = [SnapCopy(array=ARRAY, name=name, source="gold") for name in names]
        try:
            return house.submission.submit_many([Request(spec) for spec in specs])
        finally:
            house.close()

    with ThreadPoolExecutor(4) as producers:
        return [answer for answers in producers.map(produce, range(4)) for answer in answers]


@pytest.mark.parametrize("killed", [0, 2], ids=["undisturbed", "two workers killed"])
def test_255_of_300_snap_copies(make_site: Callable[..., Site], killed: int) -> None:
    """Of 300 snap copies 255 are accepted and 45 refused at once; ten deleted let exactly ten more in."""
    site = make_site(command_slots=8)
    workers = [site.start_worker() for _ in range(2)]
    site.source()
    answers = _four_producers(site, 300)
    accepted = [answer.job for answer in answers if isinstance(answer, Accepted)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(accepted), len(refused)) == (255, 45)
    assert {(one.code, one.details["used"], one.details["limit"]) for one in refused} == {(Code.COPIES_LIMIT, 255, 255)}
    for worker in workers[:killed]:
        enough = len(site.commands("lun", "-attach")) + 10
        site.until(partial(_attached, site, enough))
        site.kill_worker(worker)
        site.start_worker()
    assert {record.state for record in site.wait(*accepted, limit=240)} == {State.SUCCEEDED}
    assert len([lun for lun in site.shown()["luns"] if lun["primary"] == "gold"]) == 255
    assert len(site.shown()["snapshots"]) == 255
    names = sorted(lun["name"] for lun in site.shown()["luns"] if lun["primary"])[:10]
    deleted = [site.submit("delete-volume", name=name).job for name in names]
    assert {record.state for record in site.wait(*deleted)} == {State.SUCCEEDED}
    again = _four_producers_again(site)
    assert len([answer for answer in again if isinstance(answer, Accepted)]) == 10
    more = [answer.job for answer in again if isinstance(answer, Accepted)]
    assert {record.state for record in site.wait(*more)} == {State.SUCCEEDED}
    assert len([lun for lun in site.shown()["luns"] if lun["primary"] == "gold"]) == 255
    assert all(entry["status"] == 0 for entry in site.commands("lun", "-create", "-type", "snap") if not killed)


def _attached(site: Site, enough: int) -> bool:
    return len(site.commands("lun", "-attach")) > enough


def _four_producers_again(site: Site) -> list[Accepted | Refused]:
    """Submit 20 snap copies more."""
    specs = [SnapCopy(array=ARRAY, name=f"late-{n}", source="gold") for n in range(20)]
    return site.house.submission.submit_many([Request(spec) for spec in specs])


def test_twenty_clones_on_four_permits_cost_one_session_list_a_tick(make_site: Callable[..., Site]) -> None:
    """Waiting clones hold no worker and no message, and all together cost one `migrate -list` a tick."""
    site = make_site(migrations=4, times={"watch_tick": 20})
    site.start_worker()
    site.source()
    jobs = [site.submit("clone", name=f"twin-{n}", source="gold").job for n in range(20)]
    site.until(lambda: sum("waits for a place" in site.record(job).why for job in jobs) >= 14)
    waiting = [record for record in map(site.record, jobs) if "waits for a place" in record.why]
    assert {(record.state, record.attempts) for record in waiting} == {(State.WAITING, 0)}
    assert all(record.lease == 0 for record in waiting)
    client = site.house.server.client
    assert client.hlen(f"{site.settings.prefix}mq:unacked") == 0
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
