"""Checking: every row of a manifest is judged, alone and among the others, before the first is submitted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import chain

from vnx_jobs.model.errors import Refused
from vnx_jobs.model.specs import Spec, parse
from vnx_jobs.ports import Accepted
from vnx_jobs.submission import Request, Submission

from .formats import Problem
from .manifest import NO_NAME, Manifest, Row


@dataclass(frozen=True, slots=True)
class Sound:
    """A row that may be submitted."""

    row: Row
    spec: Spec
    place: int
    known: str = ""
    """The job that an earlier submission of the same row made."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A manifest's rows, judged."""

    manifest: Manifest
    sound: tuple[Sound, ...]
    """In an order in which each row stands behind those that it needs."""
    problems: tuple[Problem, ...]


def check(manifest: Manifest, submission: Submission) -> Checked:
    """Judge every row. Costs no array command; raises StateServerError if the inventory cannot be read."""
    problems = [*manifest.problems, *_named_twice(manifest.rows)]
    specs: dict[str, Sound] = {}
    for place, row in enumerate(manifest.rows):
        try:
            specs.setdefault(row.name, Sound(row, parse(dict(row.fields)), place))
        except Refused as refused:
            problems.append(Problem(row.line, row.name, refused.message))
    problems += _wrong_order(manifest, specs)
    wrong = {problem.row for problem in problems}
    judged = [one for name, one in specs.items() if name not in wrong]
    asked = [request(manifest.batch, one, after=one.row.after) for one in judged]
    for one, answer in zip(judged, submission.check(asked), strict=True):
        match answer:
            case Refused():
                problems.append(Problem(one.row.line, one.row.name, answer.message))
            case Accepted(job=job):
                specs[one.row.name] = replace(one, known=job)
            case None:
                pass
    wrong = _with_followers({problem.row for problem in problems if problem.row}, manifest.rows)
    sound = {name: one for name, one in specs.items() if name not in wrong}
    ordered = tuple(sound[name] for name in in_order(needs(sound.values())))
    return Checked(manifest, ordered, _a_row_once(problems))


def _named_twice(rows: Sequence[Row]) -> list[Problem]:
    """Say which rows share a name: it is wrong in all of them, since nobody can say which one is meant."""
    lines: dict[str, list[int]] = {}
    for row in rows:
        lines.setdefault(row.name, []).append(row.line)
    advice = "rename one, or give it a `row` of its own"
    return [
        Problem(
            row.line,
            row.name,
            f"{len(lines[row.name])} rows have this name (lines {_listed(lines[row.name])}): {advice}",
        )
        for row in rows
        if len(lines[row.name]) > 1 and row.name != NO_NAME
    ]


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(map(str, dict.fromkeys(lines)))


def _a_row_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Gather what is wrong with a row into one problem, and sort by line."""
    texts: dict[tuple[int, str], dict[str, None]] = {}
    for problem in problems:
        texts.setdefault((problem.line, problem.row), {})[problem.text] = None
    return tuple(Problem(line, row, "; ".join(found)) for (line, row), found in sorted(texts.items()))


def request(batch: str, one: Sound, after: Sequence[str] = (), by: str = "") -> Request:
    """Return the request that a row stands for; its key finds the last attempt at it, unless that ended badly."""
    row = one.row
    return Request(one.spec, f"{batch}/{row.name}", batch, row.name, one.place, tuple(after), by, renews=True)


def _wrong_order(manifest: Manifest, specs: Mapping[str, Sound]) -> list[Problem]:
    """Say which rows come after rows that there are none of, after themselves, or make what another one makes."""
    names = {row.name for row in manifest.rows}
    problems = []
    for one in specs.values():
        missing = [name for name in one.row.after if name not in names]
        if missing:
            problems.append(Problem(one.row.line, one.row.name, f"after names {missing[0]!r}, and no row is called so"))
    explicit = {name: {before for before in one.row.after if before in specs} for name, one in specs.items()}
    problems += [
        Problem(specs[name].row.line, name, "it comes after itself, by way of `after`")
        for name in explicit.keys() - set(in_order(explicit))
        if name in reached(explicit[name], explicit)
    ]
    return problems + _made_twice(specs, explicit)


def _made_twice(specs: Mapping[str, Sound], explicit: Mapping[str, set[str]]) -> list[Problem]:
    """Two rows may make the same object only if one comes after the other (with a deletion between, for instance)."""
    makers: dict[tuple[str, str], str] = {}
    related: dict[str, set[str]] = {}
    followers = _followers(explicit.items())
    problems = []
    for name, one in specs.items():
        first = next((makers.setdefault(made, name) for made in _made(one.spec)), name)
        if first == name:
            continue
        if first not in related:  # once for each object: thousands of rows may make one
            related[first] = reached({first}, explicit) | reached({first}, followers)
        if name not in related[first]:
            text = (
                f"row {first} (line {specs[first].row.line}) makes {one.spec.name} too, and neither is after the other"
            )
            problems.append(Problem(one.row.line, name, text))
    return problems


def needs(rows: Iterable[Sound]) -> dict[str, set[str]]:
    """Return which rows must be submitted before each: those it is after, and those that make what it names.

    A row that makes what another one names goes first so that submission knows who is to make it, unless it is itself
    to come after that other row.
    """
    by_name = {one.row.name: one for one in rows}
    found = {name: {before for before in one.row.after if before in by_name} for name, one in by_name.items()}
    makers: dict[tuple[str, str], str] = {}
    for name, one in by_name.items():
        for made in _made(one.spec):
            makers.setdefault(made, name)
    for name, one in by_name.items():
        for maker in (makers.get(needed) for needed in _needed(one.spec)):
            if maker is not None and maker != name and name not in reached({maker}, found):
                found[name].add(maker)
    return found


def in_order(before: Mapping[str, set[str]]) -> list[str]:
    """Return the names so that each stands behind those it needs; names in a circle, or behind one, are left out."""
    return list(chain.from_iterable(levels(before)))


def levels(before: Mapping[str, set[str]]) -> Iterator[tuple[str, ...]]:
    """Give the names that need nothing, then those that needed only them, and so on; none in a circle, or behind one.

    Names of one level stand in the order of `before`: which row is refused at a limit is no matter of chance.
    """
    places = {name: place for place, name in enumerate(before)}
    sorter = TopologicalSorter(before)
    with suppress(CycleError):  # the names that stand in no circle, or behind one, are given all the same
        sorter.prepare()
    while ready := sorter.get_ready():
        yield tuple(sorted(ready, key=places.__getitem__))
        sorter.done(*ready)


def reached(start: Iterable[str], before: Mapping[str, set[str]]) -> set[str]:
    """Return all that some names need, with these names themselves."""
    found: set[str] = set()
    open_ends = list(start)
    while open_ends:
        name = open_ends.pop()
        if name not in found:
            found.add(name)
            open_ends += before.get(name, ())
    return found


def _with_followers(wrong: set[str], rows: Sequence[Row]) -> set[str]:
    """Return wrong rows with all that come after them, directly or not."""
    return reached(wrong, _followers((row.name, row.after) for row in rows))


def _followers(before: Iterable[tuple[str, Iterable[str]]]) -> dict[str, set[str]]:
    """Return who comes after each name, of who comes after whom."""
    found: dict[str, set[str]] = {}
    for name, earlier in before:
        for one in earlier:
            found.setdefault(one, set()).add(name)
    return found


def _made(spec: Spec) -> set[tuple[str, str]]:
    return {(spec.array, thing) for thing in spec.makes}


def _needed(spec: Spec) -> set[tuple[str, str]]:
    return {(spec.array, thing) for thing in spec.needs}
