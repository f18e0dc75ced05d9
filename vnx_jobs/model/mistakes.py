"""What pydantic finds wrong with a field, in the words of our own refusals."""

from collections.abc import Iterable, Mapping
from typing import Any


def mistake(place: str, problem: Mapping[str, Any], fields: Iterable[str]) -> str:
    """Return what is wrong, and what was given: at a place (empty: the whole), where there are such fields."""
    match problem["type"]:
        case "extra_forbidden":
            return f"there is no field {place!r} (there are {', '.join(fields)})"
        case "missing":
            return f"{place} is missing"
        case _:
            text, value = rule(problem["msg"]), problem["input"]
            is_said = isinstance(value, str) and repr(value) in text
            given = f" (got {value!r})" if isinstance(value, str | int | float) and not is_said else ""
            return f"{place} {text[0].lower()}{text[1:]}{given}" if place else text


def rule(message: str) -> str:
    """Return the rule that was broken, as it is said after a field's name."""
    text = message.removeprefix("Value error, ")
    for subject in ("Input should", "String should"):
        text = text.replace(subject, "must", 1)
    return text
