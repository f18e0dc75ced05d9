"""What stands in braces in a manifest's texts: `{NAME}` is a variable's value, `{n}` or `{n:03}` the number of a row.

`{{` and `}}` are the braces themselves. Whatever else is in braces, or in one alone, stands as it is.
"""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN: Final = re.compile(
    r"(?P<brace>\{\{|\}\})|(?P<number>\{n(?::0?(?P<width>[0-9]))?\})|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}"
)
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
            return {found["name"] for found in _TOKEN.finditer(value) if found["name"]} if "{" in value else set()
        case list() | tuple():
            return set().union(*map(used, value))
        case Mapping():
            return set().union(*map(used, value.values()))
        case _:
            return set()


def has_number(text: str) -> bool:
    """Say whether a text is another one for each number."""
    return any(found["number"] for found in _TOKEN.finditer(text))


def filled(value: object, variables: Mapping[str, str], number: int | None = None) -> object:
    """Return a text, or texts in lists and mappings, with variables and a row's number filled in, once.

    Without a number `{n}` stays. Raises ValueError for a variable that there is none of.
    """
    match value:
        case str() if "{" in value or "}" in value:
            return _TOKEN.sub(lambda found: _said(found, variables, number), value)
        case list() | tuple():
            return [filled(one, variables, number) for one in value]
        case Mapping():
            return {name: filled(one, variables, number) for name, one in value.items()}
        case _:
            return value


def _said(found: re.Match[str], variables: Mapping[str, str], number: int | None) -> str:
    if found["brace"]:
        return found["brace"][0]
    if found["number"]:
        return found[0] if number is None else f"{number:0{found['width'] or 1}}"
    name = found["name"]
    if name not in variables:
        known = ", ".join(sorted(variables)) or "none"
        text = f"there is no variable {name!r} (variables: {known}): add it to `vars`, or give --var {name}=..."
        raise ValueError(f"{text}; braces themselves are written {{{{ and }}}}")
    return variables[name]
