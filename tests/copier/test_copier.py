"""What a copier does with a transfer: with real movers, on the devices of a simulated array."""

import os
import signal
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.copier.conftest import MakeVault
from tests.copier.vault import MIB, SIZE, Vault, noise, until
from vnx_jobs.adapters.hosts.plain import PlainHost
from vnx_jobs.adapters.movers import processes
from vnx_jobs.model.hosts import Connection
from vnx_jobs.model.transfer import Asked, Direction, Failed, Moved, Running, Transfer
from vnx_jobs.ports.hosts import HostError

pytestmark = pytest.mark.real

KINDS = ("plain", "sealed")
SLOWLY = 2 * MIB
"""Bytes a second: a copy lasts ten seconds then."""


@pytest.mark.parametrize("repository", KINDS)
def test_there_and_back(vault: Vault, repository: str) -> None:
    """What is copied out comes back bit for bit on another volume, read once more there; the source is not written."""
    before = vault.sim.digest("gold")
    backup = vault.backed_up(repository=repository)
    assert vault.archives(backup) == [backup.label.archive]
    moved = vault.phase(backup)
    assert isinstance(moved, Moved)
    assert moved.size == SIZE
    assert 3 * MIB < moved.added < 5 * MIB
    vault.volume("copy", 2)
    back = replace(
        vault.again(backup, Direction.IN, fresh=True, compare=True), connection=vault.connection("copy", 2, "rw")
    )
    assert vault.done(back).digest == backup.label.digest
    assert vault.sim.digest("copy") == vault.sim.digest("gold") == before
    assert vault.traces() == []


def test_checking_and_removing(vault: Vault) -> None:
    """An archive is checked by its structure or whole; damage is found; what is removed is gone, twice too."""
    backup = vault.backed_up()
    (image,) = vault.folder.glob("plain/*/*/*.img")
    for whole in (False, True):
        assert vault.done(vault.again(backup, Direction.VERIFY, whole=whole)).size == SIZE
    with image.open("r+b") as opened:
        opened.seek(MIB)
        opened.write(b"damaged")
    failed = vault.came_of(vault.again(backup, Direction.VERIFY, whole=True))
    assert isinstance(failed, Failed)
    assert failed.code == "repository"
    for _ in range(2):
        assert vault.done(vault.again(backup, Direction.DISCARD, archives=(backup.label.archive,))) == Moved()
    assert vault.archives(backup) == []
    gone = vault.came_of(vault.again(backup, Direction.VERIFY))
    assert isinstance(gone, Failed)
    assert gone.code == "no-archive"


def test_another_digest_than_the_catalogue_has(vault: Vault) -> None:
    """What comes back is compared with what the catalogue says was read, not only with what the repository says."""
    backup = vault.backed_up()
    other = replace(backup.label, digest="sha256-1MiB:" + "0" * 64)
    failed = vault.came_of(replace(vault.again(backup, Direction.VERIFY, whole=True), label=other))
    assert isinstance(failed, Failed)
    assert failed.code == "content-differs"


def test_another_volume_under_the_number(vault: Vault) -> None:
    """A device that bears another WWN than was asked for is neither read nor written."""
    vault.volume("iron", 2, data=noise(seed=2))
    transfer = vault.out("gold", 2)
    failed = vault.came_of(transfer)
    assert isinstance(failed, Failed)
    assert failed.code == "device"
    assert "gold" in failed.why
    assert vault.archives(transfer) == []
    backup = vault.backed_up()
    before = vault.sim.digest("iron")
    onto = replace(vault.again(backup, Direction.IN), connection=vault.connection("gold", 2, "rw"))
    assert isinstance(vault.came_of(onto), Failed)
    assert vault.sim.digest("iron") == before


def test_a_volume_of_another_size(vault: Vault) -> None:
    """A device that is not as large as was said fails the copy, and nothing is stored."""
    transfer = vault.out()
    transfer = replace(transfer, label=replace(transfer.label, size=SIZE // 2))
    failed = vault.came_of(transfer)
    assert isinstance(failed, Failed)
    assert failed.code == "device"
    assert vault.archives(transfer) == []


def test_no_such_repository(vault: Vault) -> None:
    """A repository that the settings of this host do not name fails the transfer in one line."""
    failed = vault.came_of(replace(vault.out(), repository="elsewhere"))
    assert failed == Failed("there is no repository 'elsewhere' (repositories: plain, sealed)", "unknown-repository")


@pytest.mark.parametrize("repository", KINDS)
def test_killed_in_the_middle(make_vault: MakeVault, repository: str) -> None:
    """After kill -9 of a copier nothing of it lives; another one begins anew, and one sound archive is there."""
    vault = make_vault(rate=SLOWLY)
    transfer = vault.out(repository=repository)
    with vault.process(transfer) as copier:
        running = vault.running(transfer, after=1)
        copier.kill()
        copier.wait()
    until(lambda: vault.is_gone(running))
    assert not vault.copier().copy(transfer.id), "its lease is not over yet"
    vault.world.advance(15)
    assert vault.copier(rate=None).copy(transfer.id)
    standing = vault.standing(transfer)
    assert standing is not None
    assert standing.deaths == 1
    assert isinstance(standing.phase, Moved)
    assert vault.archives(transfer) == [], "it is not sealed yet"
    check = vault.again(vault.sealed(transfer), Direction.VERIFY, whole=True)
    assert vault.archives(transfer) == [transfer.label.archive]
    assert vault.done(check, rate=None).digest == standing.phase.digest
    assert vault.traces() == []


@pytest.mark.parametrize("repository", KINDS)
def test_a_copy_that_is_killed_is_begun_anew(make_vault: MakeVault, repository: str) -> None:
    """Tool or reader killed: a death is counted, the copy begins anew, and one archive is there in the end."""
    vault = make_vault(rate=SLOWLY)
    transfer = vault.out(repository=repository)
    thread = begin(vault, transfer)
    running = vault.running(transfer, after=1)
    assert running.copier is not None
    os.kill(running.copier.pid if repository == "sealed" else readers(running.copier.pid)[0], signal.SIGKILL)
    thread.join(30)
    standing = vault.standing(transfer)
    assert standing is not None
    assert (standing.phase, standing.deaths) == (Asked(), 1)
    assert vault.is_gone(running)
    assert vault.copier(rate=None).serve() == 1
    vault.sealed(transfer)
    assert vault.archives(transfer) == [transfer.label.archive]


def test_a_restore_that_is_killed_is_begun_anew(make_vault: MakeVault) -> None:
    """If the tool that gives the bytes is killed under the writer, the restore is begun anew, and comes out right."""
    vault = make_vault(rate=SLOWLY)
    backup = vault.backed_up(repository="sealed")
    vault.volume("copy", 2)
    back = replace(
        vault.again(backup, Direction.IN, fresh=True, compare=True), connection=vault.connection("copy", 2, "rw")
    )
    thread = begin(vault, back)
    running = vault.running(back, after=1)
    assert running.copier is not None
    (tool,) = (one for one in processes.members(running.copier.pid) if one != running.copier.pid)
    os.kill(tool, signal.SIGKILL)
    thread.join(30)
    standing = vault.standing(back)
    assert standing is not None
    assert (standing.phase, standing.deaths) == (Asked(), 1)
    assert vault.copier(rate=None).serve() == 1
    moved = vault.phase(back)
    assert isinstance(moved, Moved)
    assert moved.digest == backup.label.digest
    assert vault.sim.digest("copy") == vault.sim.digest("gold")


def test_what_a_dead_copier_had_stored_is_its_own(vault: Vault) -> None:
    """What was asked for once more although its archive was sealed: the archive is not made again."""
    transfer = vault.out()
    first = vault.done(transfer)
    vault.sealed(transfer)
    transfer = replace(transfer, place=1)
    vault.transfers.ask(transfer)
    assert vault.transfers.take(transfer.id, "dead", on_host=4, on_array=4, lease=15.0)
    vault.world.advance(15)
    vault.sim.write("gold", 0, b"somebody writes on")
    assert vault.copier().copy(transfer.id)
    phase = vault.phase(transfer)
    assert isinstance(phase, Moved)
    assert phase.digest == first.digest
    assert vault.archives(transfer) == [transfer.label.archive]


def test_a_device_that_gives_no_byte(make_vault: MakeVault) -> None:
    """A copy whose bytes stand still is ended, whatever its processes do, and the job is told why."""
    vault = make_vault(rate=SLOWLY, stall=1)
    transfer = vault.out()
    thread = begin(vault, transfer)
    running = vault.running(transfer, after=1)
    assert running.copier is not None
    group = running.copier.pid
    os.kill(readers(group)[0], signal.SIGSTOP)
    thread.join(30)
    failed = vault.phase(transfer)
    assert isinstance(failed, Failed)
    assert failed.code == "stalled"
    assert "no byte moved for 1 seconds" in failed.why
    assert vault.is_gone(running)
    assert vault.archives(transfer) == []


def begin(vault: Vault, transfer: Transfer) -> threading.Thread:
    """Ask for a transfer and let a copier see it through in a thread."""
    vault.transfers.ask(transfer)
    thread = threading.Thread(target=vault.copier().copy, args=(transfer.id,))
    thread.start()
    return thread


def readers(group: int) -> list[int]:
    """Wait until a copy's reader is there, and return it."""
    until(lambda: any(is_reader(one) for one in processes.members(group)))
    return [one for one in processes.members(group) if is_reader(one)]


def is_reader(pid: int) -> bool:
    """Say whether a process reads the device by now."""
    try:
        return Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")[3:4] == [b"vnx_jobs.copier.reader"]
    except OSError:
        return False


@pytest.mark.parametrize("repository", KINDS)
def test_stopped_in_the_middle(make_vault: MakeVault, repository: str) -> None:
    """A copy that its job takes back ends within seconds; nothing of it lives, and nothing is stored."""
    vault = make_vault(rate=SLOWLY)
    transfer = vault.out(repository=repository)
    thread = begin(vault, transfer)
    running = vault.running(transfer, after=1)
    assert not vault.transfers.stop(transfer.job, 0)
    thread.join(30)
    assert vault.standing(transfer) is None
    assert vault.is_gone(running)
    assert vault.archives(transfer) == []
    assert vault.traces() == []
    assert vault.transfers.stop(transfer.job, 0)


def test_replaced_in_the_middle(make_vault: MakeVault) -> None:
    """A copier that counts as dead although it lives ends its copy by itself, and says nothing more of the transfer."""
    vault = make_vault(rate=SLOWLY)
    transfer = vault.out()
    thread = begin(vault, transfer)
    running = vault.running(transfer)
    vault.world.advance(15)
    assert vault.transfers.take(transfer.id, "other", on_host=4, on_array=4, lease=3600.0)
    thread.join(30)
    assert vault.is_gone(running)
    phase = vault.phase(transfer)
    assert isinstance(phase, Running)
    assert phase.copier is None
    assert vault.archives(transfer) == []


def test_into_a_file(make_vault: MakeVault, tmp_path: Path) -> None:
    """A new file holds every byte; one that is there stays; other names, and hosts without a folder, are refused."""
    folder = tmp_path / "restores"
    folder.mkdir()
    vault = make_vault(restores=str(folder))
    backup = vault.backed_up()
    wanted = vault.again(backup, Direction.FILE, file="gold.img")
    assert vault.done(wanted).digest == backup.label.digest
    assert (folder / "gold.img").read_bytes() == vault.sim.read("gold", 0, SIZE)
    (folder / "mine").write_text("precious")
    for name, code in {"mine": "name-in-use", "../out": "invalid", ".hidden": "invalid", "": "invalid"}.items():
        failed = vault.came_of(vault.again(backup, Direction.FILE, file=name))
        assert isinstance(failed, Failed)
        assert failed.code == code
    assert vault.done(vault.again(backup, Direction.DISCARD, file="mine")) == Moved()
    assert (folder / "mine").read_text() == "precious"
    assert sorted(one.name for one in folder.iterdir()) == ["gold.img", "mine"]
    refused = vault.came_of(vault.again(backup, Direction.FILE, file="other"), restores=None)
    assert isinstance(refused, Failed)
    assert refused.code == "not-supported"


def test_a_file_that_a_dead_copier_began(make_vault: MakeVault, tmp_path: Path) -> None:
    """After kill -9 nothing has the name; begun anew it comes out whole; given up by its job, nothing is left of it."""
    folder = tmp_path / "restores"
    folder.mkdir()
    vault = make_vault(restores=str(folder), rate=SLOWLY)
    backup = vault.backed_up()
    wanted = vault.again(backup, Direction.FILE, file="gold.img")
    with vault.process(wanted) as copier:
        running = vault.running(wanted, after=1)
        copier.kill()
        copier.wait()
    until(lambda: vault.is_gone(running))
    assert not (folder / "gold.img").exists()
    vault.world.advance(15)
    assert vault.copier(rate=None).copy(wanted.id)
    copied = vault.phase(wanted)
    assert isinstance(copied, Moved)
    assert [one.name for one in folder.iterdir()] == ["gold.img"]
    assert vault.done(replace(wanted, direction=Direction.DISCARD, copied=copied)) == Moved()
    assert list(folder.iterdir()) == []


def test_so_many_at_one_time(make_vault: MakeVault) -> None:
    """Of twelve, four run at one time however many copiers there are, and all are done without another ring."""
    vault = make_vault()
    asked = [vault.out(uid=f"60:{count:02}") for count in range(12)]
    for one in asked:
        vault.transfers.ask(one)
    most = 0
    over = threading.Event()

    def count() -> None:
        nonlocal most
        while not over.wait(0.02):
            most = max(most, len(vault.transfers.running()))

    counting = threading.Thread(target=count)
    copiers = [threading.Thread(target=vault.copier().serve, args=(one.id,)) for one in asked[:6]]
    for thread in (counting, *copiers):
        thread.start()
    for thread in copiers:
        thread.join(60)
    over.set()
    counting.join()
    assert [type(vault.phase(one)) for one in asked] == [Moved] * 12
    assert most == 4


def test_one_that_is_to_stop_gives_back(make_vault: MakeVault) -> None:
    """A copier whose process is to stop ends its copy; the transfer waits again, and nothing is counted against it."""
    vault = make_vault(rate=SLOWLY)
    transfer = vault.out()
    vault.transfers.ask(transfer)
    stop = threading.Event()
    thread = threading.Thread(target=vault.copier(stops=stop.is_set).serve, args=(transfer.id,))
    thread.start()
    running = vault.running(transfer)
    stop.set()
    thread.join(30)
    standing = vault.standing(transfer)
    assert standing is not None
    assert (standing.phase, standing.deaths) == (Asked(), 0)
    assert vault.is_gone(running)
    assert vault.copier(rate=None).serve() == 1
    assert isinstance(vault.phase(transfer), Moved)


@dataclass(frozen=True, slots=True)
class Sticky(PlainHost):
    """A host that cannot let go of what it opened."""

    def detach(self, connection: Connection) -> None:
        """Fail, as for a device that somebody else holds open."""
        raise HostError(f"the device of {connection.volume} is in use")


def test_a_device_that_cannot_be_let_go_of(vault: Vault) -> None:
    """It is said, alone and beside another failure; what was stored is not left behind, for the backup failed."""
    sticky = Sticky(vault.sim.folder, vault.house.host("vault").ways["box"].program)  # type: ignore[attr-defined]
    transfer = vault.out()
    failed = vault.came_of(transfer, attach=sticky)
    assert failed == Failed("gold was copied, and could not be let go of: the device of gold is in use", "device")
    assert vault.archives(transfer) == []
    transfer = vault.out()
    transfer = replace(transfer, label=replace(transfer.label, size=SIZE // 2))
    failed = vault.came_of(transfer, attach=sticky)
    assert isinstance(failed, Failed)
    assert failed.why.endswith("; and gold could not be let go of: the device of gold is in use")
    assert str(SIZE // 2) in failed.why


def test_the_bytes_are_those_of_the_volume(vault: Vault) -> None:
    """What the repository holds is, byte for byte, what the device gave."""
    vault.backed_up()
    (image,) = vault.folder.glob("plain/*/*/*.img")
    assert image.read_bytes() == vault.sim.read("gold", 0, SIZE)
