"""Reading manifests: three forms, one meaning, and every complaint with its line."""

import tracemalloc
from pathlib import Path

import pytest

from tests.batches.manifests import written
from vnx_jobs.batches.manifest import Manifest
from vnx_jobs.model.errors import Refused

YAML = """\
    defaults:
      pool: fast
    jobs:
      - operation: create-volume
        name: web
        size_gb: 10
      - operation: delete-volume
        name: web
        after: [web]
    """
JSON_LINES = """\
    {"operation": "create-volume", "name": "web", "size_gb": "10", "pool": "fast"}

    {"operation": "delete-volume", "name": "web", "after": ["web"]}
    """
CSV = """\
    operation,name,size_gb,pool,after
    create-volume,web,10,fast,
    delete-volume,web,,,web
    """


def meaning(manifest: Manifest) -> list[tuple[str, dict[str, object], tuple[str, ...]]]:
    """Return what a manifest asks for, whatever its form."""
    return [(row.name, dict(row.fields), row.after) for row in manifest.rows]


@pytest.mark.parametrize(
    ("file", "text", "lines"), [("a.yaml", YAML, [4, 7]), ("a.jsonl", JSON_LINES, [1, 3]), ("a.csv", CSV, [2, 3])]
)
def test_three_forms_mean_the_same(tmp_path: Path, file: str, text: str, lines: list[int]) -> None:
    """The same two rows are read from YAML, JSON lines and CSV, each with the line it stands in."""
    manifest = written(tmp_path, text, file)
    assert meaning(manifest) == [
        ("web", {"operation": "create-volume", "name": "web", "size_gb": "10", "pool": "fast", "array": "box"}, ()),
        ("delete web", {"operation": "delete-volume", "name": "web", "array": "box"}, ("web",)),
    ]
    assert [row.line for row in manifest.rows] == lines
    assert manifest.problems == ()


def test_count_repeats_a_row_with_its_number(tmp_path: Path) -> None:
    """`count` makes rows 1 to N; {n} and {n:02} are the number in every text, also in `after`."""
    text = """\
        jobs:
          - {operation: delete-volume, name: "web-{n:02}", count: 2, after: "make {n}"}
        """
    rows = written(tmp_path, text).rows
    assert [(row.name, row.fields["name"], row.after) for row in rows] == [
        ("delete web-01", "web-01", ("make 1",)),
        ("delete web-02", "web-02", ("make 2",)),
    ]


def test_text_stays_text(tmp_path: Path) -> None:
    """YAML's own ideas of numbers and truth change nothing: a volume may be called 007 or yes."""
    text = """\
        jobs:
          - {operation: delete-volume, name: 007}
          - {operation: delete-volume, name: yes}
        """
    assert [row.fields["name"] for row in written(tmp_path, text).rows] == ["007", "yes"]


def test_after_in_one_cell(tmp_path: Path) -> None:
    """In CSV, `after` holds names divided by semicolons or commas."""
    text = 'operation,name,after\ndelete-volume,web,a; b\ndelete-volume,db,"c,d"\n'
    assert [row.after for row in written(tmp_path, text, "a.csv").rows] == [("a", "b"), ("c", "d")]


def test_the_same_file_is_the_same_batch(tmp_path: Path) -> None:
    """A batch without a name is called after its file and content, so that another content is another batch."""
    first, again = written(tmp_path, YAML).batch, written(tmp_path, YAML).batch
    other = written(tmp_path, YAML.replace("size_gb: 10", "size_gb: 20")).batch
    assert first == again
    assert first.startswith("jobs-")
    assert other != first
    assert written(tmp_path, "batch: monday\n" + "jobs: [{operation: delete-volume, name: x}]").batch == "monday"


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("a.yaml", "jobs:\n  - [unclosed\n", "a.yaml:3: this is not YAML"),
        ("a.yaml", "jobs: {}\n", "a.yaml:1: a list of jobs is missing"),
        (
            "a.yaml",
            "job: []\n",
            "a.yaml:1: there is no 'job' at the top (there are batch, atomic, vars, hooks, defaults, jobs)",
        ),
        ("a.yaml", "defaults: {colour: red}\njobs: []\n", "a.yaml:1: no operation has a field 'colour'"),
        ("a.yaml", "jobs: []\n", "asks for nothing"),
        ("a.yaml", "batch: -x\njobs: [{operation: delete-volume, name: x}]\n", "batch begins with a dash"),
        ("a.yaml", "batch: ..\njobs: [{operation: delete-volume, name: x}]\n", "batch is a step in a path, not a name"),
        (
            "a.yaml",
            "jobs:\n  - &a {name: a, <<: *a}\n",
            "a.yaml cannot be read: it is nested too deeply, or holds itself",
        ),
        (
            "a.csv",
            "operation;name\ncreate-volume;x\n",
            "a.csv:1: there is no column 'operation' (columns: operation;name): they are divided by commas",
        ),
        (
            "a.yaml",
            "vars: {size: 1}\njobs: [{operation: delete-volume, name: x}]\n",
            "a.yaml: nothing in it uses the variable 'size'",
        ),
        ("a.csv", "name,name\n", "a.csv:1: the first line must name the columns, each once"),
        ("a.csv", 'operation\n"x\n', "a.csv:2: this is not CSV"),
        ("a.yaml", "jobs: " + "[" * 50_000 + "]" * 50_000, "a.yaml:1: it is nested too deeply"),
        (
            "a.yaml",
            "jobs:\n  - {name: &name [*name]}\n",
            "a.yaml cannot be read: it is nested too deeply, or holds itself",
        ),
        pytest.param(
            "a.yaml",
            "jobs:\n" + "  - {operation: delete-volume, name: 'a{n}', count: 10000}\n" * 11,
            "a.yaml:12: it asks for more than 100000 jobs",
            marks=pytest.mark.slow,
        ),
        ("a.txt", "x", "the ending '.txt' is unknown (there are .csv, .jsonl, .ndjson, .yaml, .yml)"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, file: str, text: str, complaint: str
) -> None:
    """A file that is not what it claims to be is refused whole, in one line that names file and line."""
    with pytest.raises(Refused) as caught:
        written(tmp_path, text, file)
    assert complaint in caught.value.message
    assert "\n" not in caught.value.message


NINE_LEVELS = "".join(f"  x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]\n" for level in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        f"defaults:\n  x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n{NINE_LEVELS}jobs: []\n",
        f"defaults:\n  x0: &x0 []\n{NINE_LEVELS}jobs: []\n",
        "jobs:\n  - after: &a [" + "x, " * 500 + "]\n" + "  - {after: *a}\n" * 250,
    ],
    ids=["aliases of aliases", "of nothing at all", "many aliases"],
)
def test_aliases_that_stand_for_too_much_are_refused(tmp_path: Path, text: str) -> None:
    """A small file that would grow beyond all bounds is refused in one line, before memory for it is taken."""
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match=r"^\S+a.yaml:\d+: its aliases stand for more than 100000 values$"):
            written(tmp_path, text, "a.yaml")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_aliases_are_read_as_what_they_stand_for(tmp_path: Path) -> None:
    """A list that several rows share may be written once."""
    first, second = (
        "{operation: delete-volume, name: a, after: &b [x, y]}",
        "{operation: delete-volume, name: b, after: *b}",
    )
    text = f"jobs:\n  - {first}\n  - {second}\n"
    assert [row.after for row in written(tmp_path, text).rows] == [("x", "y"), ("x", "y")]


def test_a_row_may_take_what_another_says(tmp_path: Path) -> None:
    """A merge fills in what the row itself does not say, wherever it stands; of several the first one holds."""
    text = """
jobs:
  - &base {operation: create-volume, array: box, name: a, size_gb: 1, pool: fast}
  - {name: b, <<: *base, size_gb: 2}
  - {<<: [{name: c, pool: slow}, *base]}
  - {operation: delete-volume, array: box, name: <<}
"""
    rows = written(tmp_path, text).rows
    asked = [(one.fields["name"], one.fields.get("size_gb"), one.fields.get("pool")) for one in rows]
    assert asked == [("a", "1", "fast"), ("b", "2", "fast"), ("c", "1", "slow"), ("<<", None, None)]


@pytest.mark.parametrize(
    ("file", "text", "line", "complaint"),
    [
        ("a.yaml", "jobs:\n  - {<<: words, name: a}\n", 2, "NAME: VALUE lines are expected here"),
        ("a.yaml", "jobs:\n  - {operation: create-volume, row: .., name: a}\n", 2, "row name is a step in a path"),
        ("a.yaml", "jobs:\n  - just words\n", 2, "NAME: VALUE lines are expected here"),
        ("a.yaml", "jobs:\n  - name: a\n    name: b\n", 3, "name is given twice"),
        ("a.yaml", "jobs:\n  - {operation: delete-volume, name: a, count: 2}\n", 2, "count needs {n}"),
        (
            "a.yaml",
            "jobs:\n  - {operation: delete-volume, name: 'a{n}', count: 0}\n",
            2,
            "count must be a whole number",
        ),
        (
            "a.yaml",
            "jobs:\n  - {name: 'a{n}', count: " + "9" * 5000 + "}\n",
            2,
            "count must be a whole number from 1 to 10000 (got 5000 characters)",
        ),
        ("a.yaml", "jobs:\n  - {operation: delete-volume, name: a, after: {b: c}}\n", 2, "after must be a name"),
        ("a.jsonl", '{"name": "a"}\n{"name": \n', 2, "this line is not a JSON object"),
        ("a.jsonl", "[" * 100_000, 1, "this line is not a JSON object: it is nested too deeply"),
        ("a.jsonl", '{"name": "\\ud800"}\n', 1, "this line is not a JSON object: it holds half a character"),
        ("a.jsonl", '{"name": "a", "name": "b"}\n', 1, "this line is not a JSON object: 'name' is given twice"),
        ("a.jsonl", '{"name": "a"}\n\n{"row": "-", "name": "x\u2028y"}', 3, "row name begins with a dash"),
        ("a.jsonl", '["name"]\n', 1, "this line is not a JSON object"),
        ("a.csv", 'operation,row,name\ndelete-volume,"x\ny",a\n', 2, "row name may hold only letters"),
        ("a.csv", "operation,name\ndelete-volume,a,b\n", 2, "there are 3 cells, and 2 columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_problem_of_that_row(
    tmp_path: Path, file: str, text: str, line: int, complaint: str
) -> None:
    """One unreadable row is reported with its line; the file's other rows are still read."""
    (problem,) = written(tmp_path, text, file).problems
    assert problem.line == line
    assert "\n" not in problem.row
    assert complaint in problem.text
