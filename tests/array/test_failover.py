"""Two storage processors, one of them down, or both: which one is asked, and what reaches the array."""

import time
from collections.abc import Callable

import pytest

from tests.array import samples
from tests.array.sites import POOL, NoSlots, SimulatedSite, eventually, verdict_of
from tests.array.stand_in import StandIn
from vnx_jobs.adapters.array.sps import StorageProcessors
from vnx_jobs.adapters.array.vnx import vnx_array
from vnx_jobs.model.array import THICK, THIN
from vnx_jobs.model.errors import Verdict

Make = Callable[..., StandIn]
SPA_DOWN = f'case "$*" in *10.0.0.1*) echo "{samples.REFUSED_CONNECTION}"; exit 1;; esac'


def addresses(site: StandIn) -> list[str]:
    """Return which address each start was for."""
    return [start.split()[1] for start in site.starts]


class Clock:
    """A clock that is told the time."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_sp_a_comes_first_and_a_failed_one_last() -> None:
    """A healthy A is preferred; one that failed comes last until its time is over; none is ever left out."""
    clock = Clock()
    sps = StorageProcessors({"a": "1", "b": "2"}, 30, clock)
    assert sps.in_order() == [("a", "1"), ("b", "2")]
    sps.failed("a")
    assert [sp for sp, _ in sps.in_order()] == ["b", "a"]
    clock.now += 31
    assert [sp for sp, _ in sps.in_order()] == ["a", "b"]


def test_of_two_failed_sps_the_one_that_failed_longer_ago_comes_first() -> None:
    """With both SPs down both are tried, the likelier one first, and A leads again when its time is over."""
    clock = Clock()
    sps = StorageProcessors({"a": "1", "b": "2"}, 30, clock)
    sps.failed("b")
    clock.now += 1
    sps.failed("a")
    assert [sp for sp, _ in sps.in_order()] == ["b", "a"]
    clock.now += 31
    assert [sp for sp, _ in sps.in_order()] == ["a", "b"]


def test_a_change_goes_to_the_other_sp_when_the_first_refuses_the_connection(stand_in: Make) -> None:
    """A change that certainly did not reach SP A is sent to SP B at once, and is done."""
    site = stand_in(SPA_DOWN)
    site.array.destroy_snapshot("moment")
    assert addresses(site) == ["10.0.0.1", "10.0.0.2"]


def test_a_down_sp_is_passed_over_and_tried_again_later(stand_in: Make) -> None:
    """While SP A is down commands go straight to SP B, also those of other turns; after its time A is asked again."""
    site = stand_in(SPA_DOWN, down_time=1)
    site.array.destroy_snapshot("one")
    down_until = time.monotonic() + 1
    site.array.until(time.monotonic() + 600).destroy_snapshot("two")
    assert addresses(site) == ["10.0.0.1", "10.0.0.2", "10.0.0.2"]
    eventually(lambda: time.monotonic() > down_until)
    site.answers("")
    site.array.destroy_snapshot("three")
    assert addresses(site)[3:] == ["10.0.0.1"]


def test_a_time_out_lets_the_next_command_try_the_other_sp(stand_in: Make) -> None:
    """A change that timed out on SP A is not sent again; the next command asks SP B first."""
    site = stand_in(f'case "$*" in *10.0.0.1*) echo "{samples.TIME_OUT}"; exit 1;; esac', down_time=600)
    assert verdict_of(lambda: site.array.destroy_snapshot("one")) is Verdict.NO_ANSWER
    site.array.destroy_snapshot("two")
    assert addresses(site) == ["10.0.0.1", "10.0.0.2"]


def test_with_both_sps_down_the_array_is_unreachable(stand_in: Make) -> None:
    """A change is tried once on each SP, a read three times; both are UNREACHABLE, and the starts are bounded."""
    site = stand_in(f'echo "{samples.REFUSED_CONNECTION}"; exit 1')
    assert verdict_of(lambda: site.array.destroy_snapshot("one")) is Verdict.UNREACHABLE
    assert sorted(addresses(site)) == ["10.0.0.1", "10.0.0.2"]
    assert verdict_of(site.array.luns) is Verdict.UNREACHABLE
    assert len(site.starts) == 2 + 6


def test_an_array_with_one_address_is_asked_there(stand_in: Make) -> None:
    """Without an SP B nothing else is tried, and the verdict is the first one's."""
    site = stand_in(SPA_DOWN)
    lone = vnx_array("lone", site.settings.model_copy(update={"spb": None}), site.slots)
    assert verdict_of(lambda: lone.destroy_snapshot("one")) is Verdict.UNREACHABLE
    assert addresses(site) == ["10.0.0.1"]


def test_a_refusal_is_not_tried_on_the_other_sp(stand_in: Make) -> None:
    """What the array refused on one SP, or a wrong login, is not asked of the other."""
    site = stand_in('echo "The specified snapshot name is already in use. (0x716d8005)"; exit 5')
    assert verdict_of(lambda: site.array.create_snapshot(1, "one", writable=True)) is Verdict.ALREADY
    site.answers(f"cat <<'END'\n{samples.WRONG_LOGIN}\nEND\nexit 255")
    assert verdict_of(site.array.luns) is Verdict.CREDENTIALS
    assert addresses(site) == ["10.0.0.1", "10.0.0.1"]


def test_a_slot_is_held_for_each_command_and_given_back(stand_in: Make) -> None:
    """Every start holds one command slot, which is free again after a success, a failure and a refused connection."""
    site = stand_in(SPA_DOWN)
    site.array.destroy_snapshot("one")
    verdict_of(site.array.sessions)
    assert site.slots.most == 1
    assert site.slots.held == []


def test_without_a_slot_nothing_is_sent(stand_in: Make) -> None:
    """When no slot is free the command is NO_SLOT and the program is not started."""
    site = stand_in("")
    crowded = vnx_array("stand-in", site.settings, NoSlots())
    assert verdict_of(crowded.luns) is Verdict.NO_SLOT
    assert verdict_of(lambda: crowded.destroy_lun(1)) is Verdict.NO_SLOT
    assert site.starts == []


def test_a_turn_without_half_a_limit_left_sends_nothing(stand_in: Make) -> None:
    """A command that would have to be killed before half of its limit is not started."""
    site = stand_in("", write_limit=100)
    assert verdict_of(lambda: site.array.until(time.monotonic() + 40).destroy_lun(1)) is Verdict.NO_SLOT
    assert site.starts == []
    site.array.until(time.monotonic() + 60).destroy_lun(1)
    assert len(site.starts) == 1


@pytest.mark.real
def test_the_array_is_used_through_the_sp_that_is_up(simulated: SimulatedSite) -> None:
    """With SP A down a LUN is made through SP B, once; when A is back it is used again after its time."""
    simulated.fault("sp-down:a")
    simulated.array.create_lun(1, "one", 1, POOL, THICK)
    simulated.mend()
    simulated.wait(lambda: simulated.array.lun(1) is not None and simulated.log()[-1]["sp"] == "A")
    assert [lun.name for lun in simulated.array.luns()] == ["one"]


@pytest.mark.real
def test_nothing_happens_on_an_array_that_is_down(simulated: SimulatedSite) -> None:
    """With both SPs down every command is UNREACHABLE; when they are back the array is as it was."""
    simulated.fault("sp-down")
    assert verdict_of(lambda: simulated.array.create_lun(1, "one", 1, POOL, THICK)) is Verdict.UNREACHABLE
    assert verdict_of(simulated.array.luns) is Verdict.UNREACHABLE
    simulated.mend()
    assert simulated.array.luns() == ()


@pytest.mark.real
@pytest.mark.parametrize("fault", ["timeout-after", "drop-connection-after", "lost-answer", "lost-answer:1"])
def test_a_change_whose_answer_was_lost_is_done_once(simulated: SimulatedSite, fault: str) -> None:
    """A carried-out change without an answer is NO_ANSWER; the array shows one effect and saw one command."""
    simulated.fault(fault, "--match=-create")
    assert verdict_of(lambda: simulated.array.create_lun(1, "one", 1, POOL, THICK)) is Verdict.NO_ANSWER
    assert [lun.name for lun in simulated.array.luns()] == ["one"]
    assert len([line for line in simulated.log() if "-create" in line["argv"]]) == 1


@pytest.mark.real
@pytest.mark.parametrize("fault", ["timeout", "drop-connection", "silent-failure", "unknown-text", "busy", "hang:600"])
def test_a_change_that_was_lost_is_not_taken_for_done(simulated: SimulatedSite, fault: str) -> None:
    """A change that had no effect and got no answer is NO_ANSWER, and the array shows that nothing was made."""
    array = simulated.with_times(write_limit=1, margin=60)
    simulated.fault(fault, "--match=-create")
    assert verdict_of(lambda: array.create_lun(1, "one", 1, POOL, THICK)) is Verdict.NO_ANSWER
    simulated.mend()
    assert array.luns() == ()


@pytest.mark.real
def test_a_wrong_login_is_a_credential_error(simulated: SimulatedSite) -> None:
    """A refused login is CREDENTIALS, and the next command with the right password works."""
    password = simulated.settings.password_file
    assert password is not None
    right = password.read_text()
    password.write_text("wrong\n")
    assert verdict_of(simulated.array.luns) is Verdict.CREDENTIALS
    password.write_text(right)
    assert simulated.array.luns() == ()


@pytest.mark.real
def test_what_reaches_the_array(simulated: SimulatedSite) -> None:
    """Names stand beside numbers, nothing asks for the certificate level, and no read after a change is unpolled."""
    array = simulated.array
    array.create_lun(1, "one", 1, POOL, THIN)
    simulated.wait(lambda: getattr(array.lun(1), "ready", False))
    array.create_snapshot(1, "moment", writable=True)
    array.create_mount_point(9, "window", 1)
    array.attach_snapshot(9, "moment")
    array.luns()
    array.snapshot("moment")
    array.sessions()
    array.destroy_mount_point(9)
    array.destroy_snapshot("moment")
    array.destroy_lun(1)
    log = simulated.log()
    sent = [" ".join(line["argv"]) for line in log]
    assert "lun -create -capacity 1 -sq gb -poolName gold -l 1 -type Thin -name one" in sent
    assert "lun -create -type snap -primaryLun 1 -l 9 -name window" in sent
    assert "snap -create -res 1 -name moment -allowAutoDelete no -allowReadWrite yes" in sent
    assert not [words for words in sent if "security" in words or "Level" in words]
    assert not [line for line in log if line["np"] or "-np" in line["argv"]]
    assert not [words for words in sent if "-destroySnapshots" in words]
