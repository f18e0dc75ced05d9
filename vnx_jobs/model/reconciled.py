"""What a job that reconciled an array keeps of it, among its facts."""

from collections.abc import Mapping, Sequence
from typing import Final

_MOST: Final = 20
"""Findings that are kept as sentences."""


def kept(sentences: Sequence[str], repaired: int) -> dict[str, str | int]:
    """Return findings as facts: how many, of how many a claim was repaired, and the first of them as sentences."""
    told = {"found": "\n".join(sentences[:_MOST])} if sentences else {}
    return {"findings": len(sentences), "repaired": repaired, **told}


def found(facts: Mapping[str, str | int]) -> tuple[str, ...]:
    """Return the sentences among a job's facts, and one that says how many more findings there were."""
    sentences = tuple(str(facts.get("found", "")).splitlines())
    more = int(facts.get("findings", 0)) - len(sentences)
    return (*sentences, f"And {more} more: see `vnx-jobs reconcile`.") if more > 0 else sentences
