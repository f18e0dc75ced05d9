"""What a measurement gives: figures, some with a bar that they are held to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is of, its value and unit, and the most or the least that it is meant to be."""

    what: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None if there is none."""
        return self._met_by(self.value)

    def _met_by(self, value: float) -> bool | None:
        if self.at_most is not None:
            return value <= self.at_most
        if self.at_least is not None:
            return value >= self.at_least
        return None

    @property
    def told(self) -> float:
        """The value rounded, but never so far that it would stand on the other side of the bar."""
        short = rounded(self.value)
        return short if self._met_by(short) == self.met else self.value

    def document(self) -> dict[str, Any]:
        """Return the figure as it stands in the JSON file; what is not said is left out."""
        whole = {
            "what": self.what,
            "value": self.told,
            "unit": self.unit,
            "at_most": self.at_most,
            "at_least": self.at_least,
            "met": self.met,
        }
        return {name: value for name, value in whole.items() if value not in {None, ""}}


def rounded(value: float) -> float:
    """Return a value with three significant digits, or all those before the point."""
    return round(value) if abs(value) >= 1000 else float(f"{value:.3g}")  # noqa: PLR2004 -- four digits and more


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]
