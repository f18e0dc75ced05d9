"""Variables of a manifest: `{NAME}` in the texts of its rows stands for what `vars` or the submitter says."""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NUMBER: Final = "n"
"""What stands for the number of a row that `count` makes."""


def variable_problem(name: str) -> str:
    """Say what is wrong with a variable's name; empty if nothing is."""
    if not _NAME.fullmatch(name):
        return f"a variable is called by letters, digits and underscores, not {name!r}"
    return "the variable 'n' is the number that count gives" if name == _NUMBER else ""


def used(value: object) -> set[str]:
    """Return the names of the variables in a text, or in the texts of a list or mapping."""
    match value:
        case str():
            return set(_USE.findall(value)) - {_NUMBER} if "{" in value else set()
        case list() | tuple():
            return set().union(*map(used, value))
        case Mapping():
            return set().union(*map(used, value.values()))
        case _:
            return set()


def filled(value: object, variables: Mapping[str, str]) -> object:
    """Return a text, or texts in lists and mappings, with variables filled in, once. Raises ValueError for others."""
    match value:
        case str() if "{" in value:
            return _USE.sub(lambda found: _value(found[1], variables), value)
        case list() | tuple():
            return [filled(one, variables) for one in value]
        case Mapping():
            return {name: filled(one, variables) for name, one in value.items()}
        case _:
            return value


def _value(name: str, variables: Mapping[str, str]) -> str:
    if name == _NUMBER:
        return "{n}"
    if name not in variables:
        known = ", ".join(sorted(variables)) or "none"
        raise ValueError(
            f"there is no variable {name!r} (variables: {known}): add it to `vars`, or give --var {name}=..."
        )
    return variables[name]
