"""The catalogue of refusals, and the figures of load."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.simulator.arrays import Sim, make
from vnx_jobs.simulator import audit, errors
from vnx_jobs.simulator.store import connect

CODES = [(name, refusal) for name, refusal in vars(errors).items() if isinstance(refusal, errors.Refusal)]


@pytest.mark.parametrize(("name", "refusal"), CODES, ids=[name for name, _ in CODES])
def test_a_refusal_says_its_source_and_its_status_is_the_low_byte_of_its_code(
    name: str, refusal: errors.Refusal
) -> None:
    """A status that a code determines is not invented beside it, and no refusal ends with 0."""
    assert refusal.source in (errors.RECORDED, errors.DRIVER, errors.INVENTED), name
    assert 0 < refusal.status < 256
    code = refusal.text.partition("(0x")[2].partition(")")[0]
    if code and code != "7fffffff":
        assert refusal.status == int(code, 16) & 0xFF


def test_snapshots_nest_ten_deep(sim: Sim) -> None:
    """The tenth branch is made, the eleventh refused."""
    sim.lun(1, "vol")
    source = 1
    for depth in range(1, 11):
        sim.ok(f"snap -create -res {source} -name s{depth}")
        source = 100 + depth
        sim.ok(f"lun -create -type snap -primaryLun 1 -l {source}")
        sim.ok(f"lun -attach -l {source} -snapName s{depth}")
    assert "too deeply" in sim.refused(f"snap -create -res {source} -name s11")[1]


def test_latency_is_the_least_time_of_a_command(tmp_path: Path) -> None:
    """With a latency of 30 ms no command is logged with less, a refused one included."""
    sim = make(tmp_path / "array", "--latency", "30-40")
    sim.run("getagent")
    sim.run("lun -list -all -name none")
    with contextlib.closing(connect(str(sim.folder))) as db:
        assert all(float(str(entry["seconds"])) >= 0.03 for _, entry in audit.entries(db))
