"""`migrate -list`: the block of one session."""

from __future__ import annotations

from vnx_jobs.simulator.array import Array
from vnx_jobs.simulator.records import Migration
from vnx_jobs.simulator.rules import luns, migrations

from . import layout


def block(array: Array, session: Migration) -> str:
    """Write one session."""
    source, dest = luns.by_id(array, session.source), luns.by_id(array, session.dest)
    state, percent = migrations.state(array, session)
    return layout.labelled(
        [
            ("Source LU Name", source.name),
            ("Source LU ID", source.number),
            ("Dest LU Name", dest.name),
            ("Dest LU ID", dest.number),
            ("Migration Rate", session.rate),
            ("Current State", state),
            ("Percent Complete", percent),
            ("Time Remaining", f"{migrations.seconds_left(array, session)} second(s)"),
        ]
    )
