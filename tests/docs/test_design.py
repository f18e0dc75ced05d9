"""The design page is true of the code, wherever a program can tell."""

import re
import tomllib
from pathlib import Path

from vnx_jobs.adapters.redis.keys import KEYS
from vnx_jobs.model.states import TRANSITIONS
from vnx_jobs.reconcile.finding import Kind

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design.md").read_text()
LUA = ROOT / "vnx_jobs" / "adapters" / "redis" / "lua"


def _section(mark: str) -> str:
    """Return what follows a mark, up to the next heading or the end."""
    return re.split(r"\n#+ ", PAGE.split(f"<!-- {mark} -->")[1])[0]


def test_the_table_of_transitions() -> None:
    """Every allowed transition stands on the page, and no other."""
    rows = re.findall(r"^\| ([A-Z]+) \| (.+) \|$", _section("transitions"), re.MULTILINE)
    shown = {start: set(ends.split(", ")) for start, ends in rows}
    assert shown == {state.value: {end.value for end in ends} for state, ends in TRANSITIONS.items() if ends}


def test_the_layers() -> None:
    """The page names every layer that the linter enforces, in the same order."""
    shown = re.findall(r"^(workers|vnx_jobs\.\w+) ", _section("layers"), re.MULTILINE)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [one.strip() for layer in contracts[0]["layers"] for one in layer.split("|")]
    assert shown == layers


def test_the_findings_of_reconciling() -> None:
    """The page names every kind of finding, and no other."""
    shown = re.findall(r"`([a-z-]+)`", "\n".join(re.findall(r"^\| (`.+?) \|", _section("findings"), re.MULTILINE)))
    assert sorted(shown) == sorted(Kind)


def test_every_key_of_the_state_server() -> None:
    """The scripts use the keys of the table, and the table has no other."""
    used = set()
    for path in LUA.glob("*.lua"):
        used |= set(re.findall(r"P \.\. '([a-z]+:?)", path.read_text()))
    used.discard("room")  # only deleted, never written: see main.lua
    assert {key.name.split("<")[0] for key in KEYS if ":<" in key.name or ":" not in key.name} == used
