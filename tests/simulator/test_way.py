"""The way of a command: options, logins, SPs, polling, the log, faults of the way."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.simulator.arrays import LOGIN, Sim
from vnx_jobs.simulator.cli import main as vnx_sim
from vnx_jobs.simulator.naviseccli import main as naviseccli


def entries(sim: Sim, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """Return the log."""
    capsys.readouterr()
    assert vnx_sim(["log", str(sim.folder), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_global_options_stand_in_any_order_and_case(sim: Sim) -> None:
    """`-Address` is `-h`, `-User` is `-user`, `-t` takes a value and `-np` may stand anywhere before the command."""
    login = ("-np", "-Scope", "0", "-PASSWORD", "sysadmin", "-t", "60", "-User", "sysadmin", "-Address", "10.0.0.2")
    assert "SP Identifier:       B" in sim.run("getagent", login=login).text


@pytest.mark.parametrize(
    "login",
    [
        ("-h", "10.0.0.1", "-user", "sysadmin", "-password", "wrong", "-scope", "0"),
        ("-h", "10.0.0.1", "-user", "nobody", "-password", "sysadmin", "-scope", "0"),
        ("-h", "10.0.0.1", "-user", "sysadmin", "-password", "sysadmin", "-scope", "1"),
    ],
)
def test_a_wrong_login_is_refused(sim: Sim, login: tuple[str, ...]) -> None:
    """Status 255 and the recorded text, for a wrong name, password or scope."""
    answer = sim.run("getagent", login=login)
    assert answer.status == 255
    assert "invalid username, password and/or scope." in answer.text


def test_a_security_file_is_a_login(sim: Sim, tmp_path: Path) -> None:
    """A folder without one is refused; `-AddUserSecurity` makes one that nobody else may read."""
    login = ("-h", "10.0.0.1", "-secfilepath", str(tmp_path))
    assert sim.run("getagent", login=login).status == 255
    kept = ["-AddUserSecurity", "-secfilepath", str(tmp_path), *LOGIN[2:]]
    assert naviseccli(kept) == 0
    assert sim.run("getagent", login=login).status == 0
    assert stat.S_IMODE((tmp_path / "SecuredCLISecurityFile.xml").stat().st_mode) == 0o600
    assert naviseccli(["-RemoveUserSecurity", "-secfilepath", str(tmp_path)]) == 0
    assert sim.run("getagent", login=login).status == 255


def test_no_poll_answers_from_the_last_poll(sim: Sim) -> None:
    """What `-np` commands change is seen by `-np` listings only after a polled command."""
    sim.lun(1, "a")
    np = (*LOGIN, "-np")
    assert sim.run("lun -modify -l 1 -newName b -o", login=np).status == 0
    assert sim.run("snap -create -res 1 -name s", login=np).status == 0
    assert "Name:  a\n" in sim.run("lun -list -all", login=np).text
    assert sim.run("snap -list -detail", login=np).text == ""
    assert "Name:  b\n" in sim.run("lun -list -all").text
    assert "Name:  b\n" in sim.run("lun -list -all", login=np).text
    assert "Name:  s\n" in sim.run("snap -list -detail", login=np).text


def test_the_log_tells_everything_but_passwords(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """Words, caller, SP, status, effect and first line of each command; no password anywhere."""
    sim.ok("security -adduser -user eve -password s3cret -scope global -role operator -o")
    sim.run("lun -list -all -name none", caller="someone")
    first, second = entries(sim, capsys)
    said = "security -adduser -user eve -password **** -scope global -role operator -o"
    assert first["argv"] == said.split(" ")
    assert (first["effect"], first["status"], first["sp"], first["np"]) == ("changed", 0, "A", False)
    assert (second["caller"], second["effect"], second["status"]) == ("someone", "none", 9)
    assert str(second["answer"]).startswith("Could not retrieve")
    assert "s3cret" not in json.dumps([first, second])
    assert vnx_sim(["log", str(sim.folder)]) == 0


def test_looking_is_not_logged(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """`vnx-sim show` costs no command, drawn or as JSON."""
    sim.lun(1, "a")
    sim.mount(1, 2, "m", "s")
    assert vnx_sim(["show", str(sim.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["luns"][1]["primary"] == "a"
    assert vnx_sim(["show", str(sim.folder)]) == 0
    assert "`- mount point 2 m <- s" in capsys.readouterr().out
    assert len(entries(sim, capsys)) == 4


@pytest.mark.parametrize(
    ("fault", "done", "status", "fragment"),
    [
        ("sp-down", False, 1, "connection refused. Management Server is not running."),
        ("network-error", False, 255, "A network error occurred while trying to connect: '10.0.0.1'."),
        ("timeout", False, 1, "Exception: Error occurred because of time out"),
        ("timeout-after", True, 1, "Exception: Error occurred because of time out"),
        ("drop-connection", False, 255, "End of data stream"),
        ("drop-connection-after", True, 255, "End of data stream"),
        ("lost-answer", True, 255, ""),
        ("silent-failure:7", False, 7, ""),
        ("busy", False, 255, "Service Unavailable"),
        ("unknown-text", False, 255, "0x7fffffff"),
        ("credentials", False, 255, "invalid username, password and/or scope."),
        ("hang:0.01", True, 0, ""),
        ("hang-after:0.01", True, 0, ""),
        ("not-so-fast:0.01", True, 0, ""),
    ],
)
def test_a_fault_befalls_the_commands_it_matches(sim: Sim, fault: str, done: bool, status: int, fragment: str) -> None:  # noqa: FBT001 - a column of the table
    """The first match passes, the second meets the fault, the third is well; effect and answer are as the name says."""
    sim.fault(fault, "--match", "lun -create", "--skip", "1", "--times", "1")
    made = "lun -create -capacity 1 -sq gb -poolId 0 -name"
    assert sim.run(f"{made} first").status == 0
    assert sim.run("getagent").status == 0
    answer = sim.run(f"{made} second")
    assert (answer.status, fragment in answer.text) == (status, True)
    assert sim.run(f"{made} third").status == 0
    assert sim.names() == {"first", "third"} | ({"second"} if done else set())


def test_an_sp_goes_down_alone(sim: Sim) -> None:
    """The other answers; clearing the fault brings it back."""
    sim.fault("sp-down:a")
    other = ("-h", "10.0.0.2", *LOGIN[2:])
    assert (sim.run("getagent").status, sim.run("getagent", login=other).status) == (1, 0)
    sim.fault("--clear", "sp-down")
    assert sim.run("getagent").status == 0


def test_a_hung_command_with_a_time_limit_of_its_own_does_nothing(sim: Sim) -> None:
    """A client that brought `-t` gets the time-out text and no effect."""
    sim.fault("hang:30")
    answer = sim.run("lun -create -capacity 1 -sq gb -poolId 0 -name a", login=(*LOGIN, "-t", "0"))
    assert (answer.status, sim.names()) == (1, set())


def test_a_garbled_listing_is_damaged(sim: Sim) -> None:
    """Half of the text is missing and the end is noise."""
    whole = sim.ok("getagent")
    sim.fault("garbled", "--match", "getagent")
    text = sim.run("getagent").text
    assert len(text) < len(whole)
    assert not text.endswith("\n")


def test_every_fault_has_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """`vnx-sim fault --list` names each once; an unknown name is refused with status 2."""
    assert vnx_sim(["fault", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(set(lines)) == 27
    assert all(line.endswith(".") for line in lines)
    assert vnx_sim(["fault", "/nowhere", "no-such-fault"]) == 2


def test_another_admin_is_another_caller(sim: Sim, capsys: pytest.CaptureFixture[str]) -> None:
    """`vnx-sim admin` runs a command out of band, logged as admin."""
    sim.lun(1, "a")
    assert vnx_sim(["admin", str(sim.folder), "--", "lun", "-modify", "-l", "1", "-newName", "b", "-o"]) == 0
    assert sim.names() == {"b"}
    assert entries(sim, capsys)[-1]["caller"] == "admin"


def test_init_refuses_a_folder_with_things_in_it(sim: Sim, tmp_path: Path) -> None:
    """A made state and any other full folder are left alone; an empty one is fine."""
    assert vnx_sim(["init", str(sim.folder)]) == 2
    (tmp_path / "empty").mkdir()
    assert vnx_sim(["init", str(tmp_path / "empty"), "--pool", "gold:100", "--serial", "S1", "--enablers", "FAST"]) == 0
    made = Sim(tmp_path / "empty")
    assert "Serial No:           S1" in made.ok("getagent")
    assert "Pool Name:  gold" in made.ok("storagepool -list -all")
    assert made.refused("lun -create -type Thin -capacity 1 -sq gb -poolId 0 -name a")[0] == 208


def test_a_folder_without_an_array_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program ends with a status that no array has; `vnx-sim` ends with 2."""
    monkeypatch.setenv("VNX_SIM_STATE", str(tmp_path))
    assert naviseccli([*LOGIN, "getagent"]) == 254
    assert vnx_sim(["show", str(tmp_path)]) == 2
