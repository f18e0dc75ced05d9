"""docs/running.md and deploy/ are true: the units are sound, and every command of the page is run."""

import configparser
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.acceptance.site import Site
from tests.docs.pages import commands_of, run
from tests.state_server import StateServer
from vnx_jobs.adapters.redis.health import health
from workers.stopping import GRACE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text()
UNITS = {
    "vnx-jobs-worker@.service": ("/opt/vnx-jobs/bin/celery", "celery"),
    "vnx-jobs-copier@.service": ("/opt/vnx-jobs/bin/python", "python"),
    "vnx-jobs-api.service": ("/opt/vnx-jobs/bin/vnx-jobs", "vnx-jobs"),
}
"""Each unit, the program that it starts, and what that is called."""
SCRIPTS = Path(sysconfig.get_path("scripts"))


def service(unit: str) -> configparser.SectionProxy:
    """Return a unit's section about its processes."""
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes="#", strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep capitals
    parser.read(ROOT / "deploy" / unit)
    return parser["Service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path, unit: str) -> None:
    """`systemd-analyze verify` has nothing to say about a unit, once its program is where it says."""
    program, name = UNITS[unit]
    copy = tmp_path / unit
    copy.write_text((ROOT / "deploy" / unit).read_text().replace(program, str(SCRIPTS / name)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)],  # noqa: S607 -- where it is differs
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_gives_a_worker_its_time(unit: str) -> None:
    """Only the worker itself is asked to stop, and nobody kills it before its commands have had their time."""
    assert service(unit)["KillMode"] == "mixed"
    assert float(service(unit)["TimeoutStopSec"]) >= GRACE + 5
    assert service(unit)["Restart"] == "always"


def test_the_lines_for_a_state_server_are_enough(tmp_path: Path) -> None:
    """Jobs are trusted to a Valkey that is started with deploy/valkey.conf, and the page shows lines of it."""
    lines = [line for line in (ROOT / "deploy" / "valkey.conf").read_text().splitlines() if line[:1] not in {"", "#"}]
    words = [word for line in lines for word in (f"--{line.split()[0]}", line.split()[1].strip('"'))]
    with StateServer(tmp_path, *words) as server:
        assert health(server.url).dangers == ()
    shown = re.findall(r"^    (\w\S+ \w+)$", PAGE, re.MULTILINE)
    assert len(shown) == 3
    assert set(shown) <= set(lines)


SYSTEMCTL = '''
"""A stand-in for systemctl: does with the unit installed under $DESTDIR what systemd does with its ExecStart."""
import configparser, os, pathlib, re, signal, subprocess, sys, time

root = os.environ["DESTDIR"]
def rooted(text): return re.sub(r"(?<![\\w/])/(etc|opt|var)/", rf"{root}/\\1/", text)
if sys.argv[1] == "daemon-reload": sys.exit()
verb, instance = sys.argv[1], sys.argv[-1].partition("@")[2]
parser = configparser.ConfigParser(interpolation=None, strict=False)
parser.optionxform = str
parser.read(f"{root}/etc/systemd/system/vnx-jobs-worker@.service")
service, note = parser["Service"], pathlib.Path(root, f"pid-{instance}")
if verb in ("stop", "restart"):
    pid = int(note.read_text())
    os.kill(pid, signal.Signals[service["KillSignal"]])
    limit = time.monotonic() + float(service["TimeoutStopSec"])
    while pathlib.Path("/proc", str(pid)).exists():
        if time.monotonic() > limit: sys.exit("killed after TimeoutStopSec")
        time.sleep(0.1)
if verb in ("enable", "start", "restart"):
    lines = pathlib.Path(rooted(service["EnvironmentFile"])).read_text().splitlines()
    told = dict(rooted(line).split("=", 1) for line in lines if line[:1] not in ("", "#"))
    words = rooted(service["ExecStart"]).replace("%i", instance).replace("%H", "here").split()
    words = [re.sub(r"\\$\\{(\\w+)\\}", lambda found: told[found[1]], word) for word in words]
    log = open(f"{root}/worker-{instance}.log", "wb")
    worker = subprocess.Popen(words, env={**os.environ, **told, "C_FORCE_ROOT": "1"}, stdin=subprocess.DEVNULL,
        stdout=log, stderr=log, start_new_session=True, cwd=rooted(service["WorkingDirectory"]))
    note.write_text(str(worker.pid))
    while b"worker_ready" not in pathlib.Path(log.name).read_bytes():
        if worker.poll() is not None: sys.exit("the worker ended at once")
        time.sleep(0.1)
'''


@contextmanager
def host(folder: Path, url: str) -> Iterator[dict[str, str]]:
    """Give an admin's environment on a host that has package, settings and a simulated array under DESTDIR."""
    root = folder / "root"
    (root / "opt" / "vnx-jobs").mkdir(parents=True)
    (root / "var" / "lib" / "vnx-jobs").mkdir(parents=True)
    (root / "etc" / "vnx-jobs").mkdir(parents=True)
    (root / "opt" / "vnx-jobs" / "bin").symlink_to(SCRIPTS)
    site = Site(folder, url, "t:")
    (folder / "password").chmod(0o600)
    (root / "etc" / "vnx-jobs" / "config.yaml").write_text((folder / "config.yaml").read_text())
    tools = folder / "tools"
    tools.mkdir()
    (tools / "systemctl").write_text(f"#!{sys.executable}\n{SYSTEMCTL}")
    (tools / "systemctl").chmod(0o755)
    given = {name: value for name, value in os.environ.items() if not name.startswith("VNX_")}
    path = os.pathsep.join((str(tools), str(SCRIPTS), given["PATH"]))
    try:
        yield {**given, "PATH": path, "DESTDIR": str(root), "VNX_JOBS_REDIS_URL": url, "VNX_SIM_SPEED": "20"}
    finally:
        site.stop()
        for note in root.glob("pid-*"):
            end_worker(int(note.read_text()))


def end_worker(pid: int) -> None:
    """Kill a worker that was started here with all that it started, if it is still there."""
    with suppress(FileNotFoundError, ProcessLookupError):
        if b"vnx-jobs/bin/celery" in Path("/proc", str(pid), "cmdline").read_bytes():
            os.killpg(pid, signal.SIGKILL)


@pytest.mark.real
def test_every_command_of_the_page_works(tmp_path: Path) -> None:
    """The page's commands, run in their order in one shell on a host without systemd, all end well."""
    commands = commands_of(PAGE)
    assert commands.count("vnx-jobs ") >= 5
    (tmp_path / "server").mkdir()
    with StateServer(tmp_path / "server") as server, host(tmp_path, server.url) as environment:
        run(commands, ROOT, environment, 240)
