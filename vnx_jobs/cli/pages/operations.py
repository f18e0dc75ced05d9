"""docs/reference/operations.md: every operation, its fields, its steps, and what it costs in array commands."""

from typing import Any, Final

from pydantic_core import PydanticUndefined

from vnx_jobs.cli.explain import SAME, VARIANTS
from vnx_jobs.model.claim import MAX_MOUNTS, MAX_SNAPSHOTS
from vnx_jobs.model.specs import OPERATIONS as ASKED
from vnx_jobs.model.specs import SEVERAL
from vnx_jobs.model.step import Operation
from vnx_jobs.operations import OPERATIONS
from vnx_jobs.steps.work import Work

_HEAD: Final = f"""\
# Operations

Made from the code (`python -m vnx_jobs.cli.pages docs`). First what can be asked for, with all fields; then the
tables of steps that jobs run. The README says in a line each what operations are for; `vnx-jobs explain OPERATION`
adds how each step is undone; `--plan` says which claims one request would hold, and what it would wait for. What
claims there are, and who holds them, is in [design.md](../design.md#claims): a source has at most {MAX_MOUNTS}
mount points and {MAX_SNAPSHOTS} snapshots.

## Fields

"""
_TABLES: Final = """
## Steps

`writes` counts the changing commands of a job that nothing disturbs, `reads` its own reading ones; lists of the
whole array are read once for all jobs that wait for them. Below the line *no way back* a job goes forward, or is
STUCK.

"""


def page() -> str:
    """Return the page."""
    asked: dict[str, Any] = {**ASKED, **SEVERAL}
    fields = "\n".join(_fields(word, spec) for word, spec in asked.items())
    return _HEAD + fields + _TABLES + "\n".join(_table(one) for one in OPERATIONS.values())


def _fields(word: str, spec: Any) -> str:  # noqa: ANN401 -- a pydantic model of any operation
    runs = [SAME.get(word, word)]
    table = OPERATIONS.get(runs[0])
    runs += [] if table is None else [name for _, name in VARIANTS.get(table.name, ())]
    rows = [
        f"| `{name}` | {'yes' if about.is_required() else ''} | {_default(about)} |"
        for name, about in spec.model_fields.items()
        if name != "operation"
    ]
    links = ", ".join(f"[{name}](#{name})" for name in dict.fromkeys(runs))
    return (
        f"### Asked for: {word}\n\nRuns {links}.\n\n| field | needed | else |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _default(about: Any) -> str:  # noqa: ANN401 -- a field of such a model
    default = about.get_default(call_default_factory=True) if not about.is_required() else PydanticUndefined
    return "" if default in (PydanticUndefined, None, (), "") else f"`{default}`"


def _table(table: Operation[Work]) -> str:
    writes, reads = sum(step.writes for step in table.steps), sum(step.reads for step in table.steps)
    lists = list(dict.fromkeys(str(one) for step in table.steps for one in step.lists))
    shared = f"; waits for lists of {', '.join(lists)}" if lists else ""
    lines = [f"### {table.name}\n", f"{table.says}\n", f"{writes} writes, {reads} reads{shared}.\n"]
    for number, step in enumerate(table.steps, start=1):
        lines.append(f"{number}. `{step.name}`: {step.says}")
        if number == table.no_way_back < len(table.steps):
            lines.append("\n    *no way back*\n")
    return "\n".join(lines) + "\n"
