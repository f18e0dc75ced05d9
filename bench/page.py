"""The page of figures: what stands between the two marks in docs/performance.md is written here, from the JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

BEGIN: Final = "<!-- figures: written by `make bench` -->"
END: Final = "<!-- end of figures -->"


def with_figures(page: str, results: Mapping[str, Any]) -> str:
    """Return a page with its figures replaced by those of the results. Raises ValueError if it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} and {END}")
    sections = "\n".join(_section(one) for one in results.values())
    return f"{before}{BEGIN}\n\n{sections}\n{END}{after}"


def _section(result: Mapping[str, Any]) -> str:
    rows = "\n".join(map(_row, result["figures"]))
    head = "| what | figure | bar |\n|---|---|---|"
    return f"## {result['title']}\n\n{result['about']}\n\n{head}\n{rows}\n\n{_machine(result)}\n"


def _row(figure: Mapping[str, Any]) -> str:
    return f"| {figure['what']} | {_value(figure['value'], figure.get('unit', ''))} | {_bar(figure)} |"


def _value(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"  # noqa: PLR2004 -- four digits and more
    return f"{number}{' ' if unit and unit != 'x' else ''}{unit}"


def _bar(figure: Mapping[str, Any]) -> str:
    for name, words in (("at_most", "at most"), ("at_least", "at least")):
        if name in figure:
            missed = "" if figure["met"] else ": **missed**"
            return f"{words} {_value(figure[name], figure.get('unit', ''))}{missed}"
    return ""


def _machine(result: Mapping[str, Any]) -> str:
    one = result["machine"]
    return (
        f"*{one['day']}, {one['cores']} cores ({one['processor']}), Python {one['python']}, {one['state server']}, "
        f"load of the machine when it began {one['load']:g}.*"
    )
