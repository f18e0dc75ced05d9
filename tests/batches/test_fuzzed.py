"""Manifests of any text: each is understood, or refused in one line that names file and line; nothing is half done."""

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.batches.manifests import Runner
from vnx_jobs.batches.checking import check
from vnx_jobs.batches.manifest import Manifest, understand
from vnx_jobs.batches.submitting import submit
from vnx_jobs.batches.variables import filled
from vnx_jobs.documents.batches import ReportDocument
from vnx_jobs.model.errors import Refused

_FEW: Final = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_WORDS: Final = st.sampled_from(
    [
        *(
            "jobs",
            "batch",
            "vars",
            "defaults",
            "atomic",
            "hooks",
            "operation",
            "name",
            "count",
            "after",
            "row",
            "array",
        ),
        *(
            "create-volume",
            "delete-volume",
            "clone",
            "box",
            "gold",
            "pool",
            "web-{n}",
            "{n:02}",
            "{env}",
            "{{x}}",
            "}}",
        ),
        *("size_gb", "source", "1", "-1", "1e9", "9" * 30, "null", "true", "[]", "{}", "&a", "*a", "!!int x", ""),
    ]
)
_TEXT: Final = st.one_of(_WORDS, st.text(max_size=12), st.integers(-5, 20_001).map(str))
_VALUE: Final = st.recursive(
    _TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=6
)
_MARKS: Final = st.sampled_from(["\n", ": ", "\n  - ", ", ", "{", "[", '"', "'", "#", "\t", "\x00"])
_ROW: Final = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["create-volume", "delete-volume", "clone"]) | _VALUE,
        "name": st.sampled_from(["web-{n}", "web", "gold", "{env}", "\ud800", "a\u2028b"]) | _VALUE,
        **dict.fromkeys(("count", "size_gb", "source", "pool", "after", "row", "array", "hooks"), _VALUE),
    },
)


def judged(text: str, ending: str, variables: dict[str, str]) -> Manifest | None:
    """Read a text as a manifest; None if it was refused, which must be in one line that names the file."""
    try:
        return understand(Path(f"jobs.{ending}"), text, "box", variables=variables)
    except Refused as refused:
        said = refused.message
    assert (len(said.splitlines()), said.startswith("jobs.")) == (1, True), said
    return None


@_FEW
@given(text=st.lists(_TEXT | _MARKS, max_size=40), ending=st.sampled_from(["yaml", "jsonl", "csv"]))
def test_any_text_is_understood_or_refused_in_a_line(text: list[str], ending: str) -> None:
    """Whatever stands in a file, it has rows and problems with lines, or is refused by its name in one line."""
    whole = "".join(text)
    manifest = judged(whole, ending, {})
    if manifest is not None:
        lines = whole.count("\n") + whole.count("\r") + 2
        told = [*(row.line for row in manifest.rows), *(problem.line for problem in manifest.problems)]
        assert all(1 <= line <= lines for line in told)


def written(ending: str, rows: list[dict[str, Any]]) -> str:
    """Write rows in a form; what CSV cannot hold is written as text."""
    match ending:
        case "yaml":
            return json.dumps({"jobs": rows} | ({"vars": {"env": "live"}} if "{env}" in str(rows) else {}))
        case "jsonl":
            return "".join(f"{json.dumps(row)}\n" for row in rows)
        case _:
            text, head = io.StringIO(), list(dict.fromkeys(name for row in rows for name in row)) or ["name"]
            csv.writer(text).writerows([head, *([str(row.get(name, "")) for name in head] for row in rows)])
            return text.getvalue().encode(errors="replace").decode()  # no file holds halves of characters


@_FEW
@example(rows=[{"operation": "create-volume", "name": "\ud800"}], ending="jsonl")
@given(rows=st.lists(_ROW, min_size=1, max_size=4), ending=st.sampled_from(["yaml", "jsonl", "csv"]))
def test_any_rows_are_submitted_whole_or_refused_by_line(
    runner: Runner, rows: list[dict[str, Any]], ending: str
) -> None:
    """With one row wrong nothing is stored, and each wrong one says so in a line; else each has a job, or says why."""
    manifest = judged(written(ending, rows), ending, {"env": "live"} if "{env}" in str(rows) else {})
    if manifest is None or len(manifest.rows) > 100:
        return
    before = runner.stored()
    checked = check(manifest, runner.installation.submission)
    fates = submit(checked, runner.installation.submission, partial=False, by="test")
    assert {one.line for one in manifest.rows} <= {fate.line for fate in fates}
    assert ReportDocument.of("b", "jobs", fates, {}).model_dump_json(), "what came of it can be told"
    for fate in fates:
        assert fate.has_job or fate.message, fate
        assert len(fate.message.splitlines()) <= 1, fate
        assert fate.line >= 1
    if checked.problems:
        assert runner.stored() == before
        assert not any(fate.has_job for fate in fates)


@pytest.mark.parametrize(
    ("text", "number", "told"),
    [
        ("{{n}}", 7, "{n}"),
        ("{{{n}}}", 7, "{7}"),
        ("a{{b}}c{env}", None, "a{b}clive"),
        ("{n:03}{{env}}", 7, "007{env}"),
        ("{ n } {x-y} { }", 7, "{ n } {x-y} { }"),
        ("{n}", None, "{n}"),
        ("{brace}", 7, "{n}{env}"),
    ],
)
def test_braces(text: str, number: int | None, told: str) -> None:
    """Doubled braces are braces, other words in braces stand as they are, and values are not looked at again."""
    assert filled(text, {"env": "live", "brace": "{n}{env}"}, number) == told
