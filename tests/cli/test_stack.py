"""The embedded stack: real processes, started in order, restarted when they die, and gone without a trace."""

import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.terminal import BIN, Home
from tests.state_server import StateServer
from vnx_jobs.cli.exits import Exit
from vnx_jobs.stack.processes import bearing
from vnx_jobs.stack.simulated import simulator

pytestmark = pytest.mark.real


def until(done: Callable[[], bool], limit: float = 60) -> None:
    """Wait for a condition."""
    end = time.monotonic() + limit
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


def pid_of(home: Home, child: str) -> int:
    """Return the process id of a child of the stack."""
    (pid,) = [one["pid"] for one in home.status["children"] if one["name"] == child]
    return int(pid or 0)


def restarted(home: Home, child: str, killed: int) -> bool:
    """Say whether a killed child has a successor."""
    return pid_of(home, child) not in {killed, 0}


def test_a_second_up_says_that_it_runs(stack: Home) -> None:
    """`up` on a running stack starts nothing and ends well."""
    before = stack.status
    answer = stack("up")
    assert (answer.status, "the stack runs already" in answer.output) == (Exit.WELL, True)
    assert stack.status == before


def test_secrets_are_their_owners_alone(stack: Home) -> None:
    """The state server's configuration and address and the password file can be read by nobody else."""
    secrets = [stack.folder / "run" / name for name in ("valkey.conf", "state-server.url", "stack.json")]
    secrets.append(stack.folder / "arrays" / "sim.password")
    assert [stat.S_IMODE(path.stat().st_mode) for path in secrets] == [0o600] * 4
    assert stat.S_IMODE((stack.folder / "run").stat().st_mode) == 0o700


def test_no_secret_stands_on_a_command_line_or_in_a_log(stack: Home) -> None:
    """The state server's password is in no argument list of the stack's processes and in none of its logs."""
    password = (stack.folder / "run" / "state-server.url").read_text().split(":")[2].partition("@")[0]
    assert len(password) == 48
    for pid in bearing(stack.status["mark"]):
        assert password.encode() not in Path("/proc", str(pid), "cmdline").read_bytes()
    for log in (stack.folder / "logs").iterdir():
        assert password not in log.read_text()


def test_what_dies_is_started_again(stack: Home) -> None:
    """A state server and a worker killed with -9 are started again, with the data there was, and jobs go on."""
    made = stack("submit", "create-volume", "name=before", "size_gb=1", "pool=pool_1", "--wait", "--json").json["job"]
    for child in ("worker", "state-server"):
        killed = pid_of(stack, child)
        os.kill(killed, signal.SIGKILL)
        until(partial(restarted, stack, child, killed))
    until(lambda: stack("jobs").status == Exit.WELL)
    assert stack("job", made, "--json").json["state"] == "SUCCEEDED"
    after = stack("submit", "create-volume", "name=after", "size_gb=1", "pool=pool_1", "--wait")
    assert after.status == Exit.WELL, after


def test_watch_lives_through_an_outage(stack: Home) -> None:
    """A `watch` under way goes on while the state server is away for a moment, and ends with its job."""
    stack("submit", "create-volume", "name=large", "size_gb=8", "pool=pool_1", "--wait")
    job = stack("submit", "clone", "name=through", "source=large", "--json").json["job"]
    with subprocess.Popen(
        [BIN / "vnx-jobs", "watch", job], stderr=subprocess.PIPE, text=True, env=stack.environment, cwd=stack.folder
    ) as watch:
        until(partial(is_connected, watch.pid))
        os.kill(pid_of(stack, "state-server"), signal.SIGKILL)
        assert watch.stderr is not None
        said = watch.stderr.read()
    assert watch.returncode == Exit.WELL, said
    assert said.splitlines()[-1].startswith("SUCCEEDED  clone through: done")


@contextmanager
def ended(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Kill a process if what is done beside it fails: nobody would wait for its end in vain."""
    try:
        yield
    except BaseException:
        process.kill()
        raise


def test_watch_lives_through_a_restart_of_the_stack(stack: Home) -> None:
    """A `watch` goes on over `down` and `up`, though the state server moves to another port; it says so in a line."""
    stack("pause", "--array", "sim")
    job = stack("submit", "create-volume", "name=restarted", "size_gb=1", "pool=pool_1", "--json").json["job"]
    with (
        subprocess.Popen(
            [BIN / "vnx-jobs", "watch", job], stderr=subprocess.PIPE, text=True, env=stack.environment, cwd=stack.folder
        ) as watch,
        ended(watch),
    ):
        until(partial(is_connected, watch.pid))
        url = urlsplit((stack.folder / "run" / "state-server.url").read_text().strip())
        assert stack("down").status == Exit.WELL
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", int(url.port or 0)))
            taken.listen()
            assert stack("up", "--workers", "2").status == Exit.WELL
        again = urlsplit((stack.folder / "run" / "state-server.url").read_text().strip())
        assert again.port != url.port
        assert stack("resume", "--array", "sim").status == Exit.WELL
        assert watch.stderr is not None
        said = watch.stderr.read().splitlines()
    assert (watch.returncode, len(said)) == (Exit.WELL, 2), said
    assert said[0].endswith("; still trying")
    assert said[1].startswith("SUCCEEDED  create-volume restarted: done")


def is_connected(pid: int) -> bool:
    """Say whether a process has opened a connection."""
    links = [str(one.readlink()) for one in Path("/proc", str(pid), "fd").iterdir() if one.is_symlink()]
    return any(link.startswith("socket:") for link in links)


def test_logs_stay_small(stack: Home) -> None:
    """A log that has grown beyond ten megabytes is put aside, the last three are kept, and the worker writes on."""
    logs = stack.folder / "logs"
    log = logs / "worker.log"
    for number in range(5):
        with log.open("ab") as growing:
            growing.write(f"{number}\n".encode() * (6 << 20))
        until(lambda: log.stat().st_size < 1 << 20)
    aside = sorted(path.name for path in logs.glob("worker.log.*"))
    assert aside == ["worker.log.1", "worker.log.2", "worker.log.3"]
    for name, number in zip(aside, (4, 3, 2), strict=True):
        assert f"{number}\n".encode() * (5 << 20) in (logs / name).read_bytes()
    assert stat.S_IMODE((logs / "worker.log.1").stat().st_mode) == 0o600
    stack("submit", "create-volume", "name=logged", "size_gb=1", "pool=pool_1", "--wait")
    assert b"create-volume" in log.read_bytes()


def test_down_leaves_no_process_and_up_finds_everything_again(stack: Home) -> None:
    """`down` ends every process of the stack, while a command hangs too; `up` goes on with the jobs of before."""
    mark, box = stack.status["mark"], str(stack.folder / "arrays" / "sim")
    assert len(bearing(mark)) >= 4
    simulator("fault", box, "hang:60", "--match", "lun -create", "--times", "1")
    hung = stack("submit", "create-volume", "name=hung", "size_gb=1", "pool=pool_1", "--json").json["job"]
    until(lambda: stack("job", hung, "--json").json["state"] == "RUNNING")
    assert stack("down").output == "the stack has ended\n"
    assert bearing(mark) == []
    assert not (stack.folder / "run" / "state-server.url").exists()
    assert stack("jobs").status == Exit.NO_STACK
    assert stack("up", "--workers", "2").status == Exit.WELL
    until(lambda: stack("job", hung, "--json").json["state"] == "SUCCEEDED")
    names = {one["name"] for one in stack("jobs", "--json").json}
    assert "before" in names
    assert stack("doctor", "--offline").status == Exit.WELL


def test_two_ups_at_once_start_one_stack(stack: Home) -> None:
    """Of two `up`s at the same moment one starts the stack; both end well, and only when it runs."""
    assert stack("down").status == Exit.WELL
    with ThreadPoolExecutor(2) as both:
        ended = list(both.map(lambda _: (stack("up", "--workers", "2"), stack.status["phase"]), range(2)))
    answers = [answer for answer, _ in ended]
    assert [phase for _, phase in ended] == ["running", "running"]
    assert [answer.status for answer in answers] == [Exit.WELL, Exit.WELL], answers
    assert sorted("runs already" in answer.output for answer in answers) == [False, True]
    supervisors = {re.findall(r"supervisor (\d+)", answer.output)[0] for answer in answers}
    assert supervisors == {str(stack.status["supervisor"])}
    assert stack("doctor", "--offline").status == Exit.WELL


def test_a_state_server_that_cannot_start_is_one_line(tmp_path: Path) -> None:
    """With an append-only file that is no such file, `up` says in one line what the server said, and leaves nothing."""
    home = Home(tmp_path)
    folder = tmp_path / "state" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("rubbish\n")
    answer = home("up", "--simulated-array", "sim")
    assert answer.status == Exit.NO_STACK
    (line,) = [line for line in answer.complaint.splitlines() if line.startswith("error: ")]
    assert "the state-server ended at once: Invalid AOF manifest file format" in line
    assert "state-server.log" in line
    assert home("down").output.startswith("no stack runs")


def test_a_killed_supervisor_leaves_nothing_for_ever(stack: Home) -> None:
    """If the supervisor itself is killed, the next `down` ends what it had started."""
    mark = stack.status["mark"]
    os.kill(stack.status["supervisor"], signal.SIGKILL)
    assert bearing(mark) != []
    assert stack("down").output == "the stack has ended\n"
    assert bearing(mark) == []
    assert stack("up", "--workers", "2").status == Exit.WELL


@pytest.mark.parametrize(
    ("options", "danger"),
    [
        (("--maxmemory-policy", "allkeys-lru"), "it evicts keys when memory is full"),
        (("--appendonly", "no"), "it has no append-only file"),
    ],
)
def test_a_state_server_that_forgets_is_refused(tmp_path: Path, options: tuple[str, str], danger: str) -> None:
    """A state server of somebody else's that evicts or has no append-only file is refused, and nothing is started."""
    with StateServer(tmp_path, *options) as server:
        home = Home(tmp_path / "home", VNX_JOBS_REDIS_URL=server.url)
        home.folder.mkdir()
        answer = home("up")
        assert answer.status == Exit.NO_STACK
        assert answer.complains(danger)
        assert "unsafe_state_server" in answer.complaint
        assert not (home.folder / "run" / "stack.json").exists()


def test_a_state_server_of_ones_own_is_used(valkey_url: str, tmp_path: Path) -> None:
    """With VNX_JOBS_REDIS_URL set no state server is started; `up --unsafe` takes any."""
    home = Home(tmp_path, VNX_JOBS_REDIS_URL=valkey_url)
    try:
        assert home("up", "--workers", "1").status == Exit.WELL
        assert [child["name"] for child in home.status["children"]] == ["worker", "api"]
    finally:
        assert home("down").status == Exit.WELL
