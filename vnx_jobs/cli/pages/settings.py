"""docs/reference/settings.md: every setting of the settings file, and every variable of the environment."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from vnx_jobs import settings
from vnx_jobs.cli.program import program
from vnx_jobs.settings import ArraySettings, Settings, Times
from vnx_jobs.settings_access import AccessSettings
from vnx_jobs.settings_api import ApiSettings
from vnx_jobs.settings_callbacks import CallbackSettings
from vnx_jobs.settings_hosts import BackupHostSettings
from vnx_jobs.settings_repositories import RepositorySettings

from .said import said_in

_HEAD: Final = """\
# Settings

Made from the code (`python -m vnx_jobs.cli.pages docs`). Settings stand in `config.yaml` in the home folder, or in
the file that `$VNX_JOBS_CONFIG` names. They are checked whole when they are read; names that are none are refused.
`vnx-jobs doctor` checks them against the machine, the state server and the arrays. For example:

```yaml
arrays:
  vnx1:
    spa: 192.0.2.11
    spb: 192.0.2.12
    security_file: /etc/vnx-jobs/security
    numbers: 20000-29999
repositories:
  nightly: {tool: borg, path: /srv/backups, passphrase_file: /etc/vnx-jobs/passphrase}
backup_hosts:
  keeper: {arrays: {vnx1: keeper}, attach: os-brick}
```

"""
_PLACES: Final[Mapping[str, type[BaseModel]]] = {
    "The installation": Settings,
    "`arrays`: NAME": ArraySettings,
    "`arrays`: NAME: `times`": Times,
    "`repositories`: NAME": RepositorySettings,
    "`backup_hosts`: NAME": BackupHostSettings,
    "`api`": ApiSettings,
    "`access`": AccessSettings,
    "`callbacks`": CallbackSettings,
}
"""Where each model's settings stand in the file."""
_TABLE: Final = "| setting | value | default | |\n|---|---|---|---|\n"
_VARIABLES: Final = """\
## Environment

| variable | |
|---|---|
"""
_WORDS: Final = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "path": "path",
    "password": "text",
    "ipvanynetwork": "network",
}
"""What people call the types of values, and the forms of texts."""


def page() -> str:
    """Return the page. Raises KeyError for a setting that says nothing of itself."""
    sections = (_section(title, model) for title, model in _PLACES.items())
    return _HEAD + "\n".join(sections) + "\n" + _VARIABLES + "".join(_variables())


def _section(title: str, model: type[BaseModel]) -> str:
    said = said_in(sys.modules[model.__module__], model.__name__)
    schema = model.model_json_schema()
    needed = schema.get("required", ())
    rows = "".join(
        f"| `{name}` | {_values(about)} | {'needed' if name in needed else _default(about)} | {said[name]} |\n"
        for name, about in schema["properties"].items()
    )
    return f"## {title}\n\n{model.__doc__}\n\n{_TABLE}{rows}"


def _values(about: Mapping[str, Any]) -> str:
    """Say in words what a value may be."""
    match about:
        case {"anyOf": [one, {"type": "null"}]}:
            return _values(one)
        case {"enum": choices}:
            return ", ".join(f"`{choice}`" for choice in choices)
        case {"$ref": _}:
            return "settings of their own, below"
        case {"prefixItems": _}:
            return "`FIRST-LAST`"
        case {"type": "array", "items": item}:
            return f"list: {_values(item)}"
        case {"type": "object", "additionalProperties": value}:
            return f"NAME: {_values(value)}"
        case {"type": kind}:
            return f"{_WORDS[about.get('format', kind)]}{_bounds(about)}"
    raise ValueError(about)


def _bounds(about: Mapping[str, Any]) -> str:
    match about:
        case {"minimum": least, "maximum": most}:
            return f", {least} to {most}"
        case {"minimum": least}:
            return f", at least {least}"
        case {"exclusiveMinimum": least}:
            return f" above {least}"
        case _:
            return ""


def _default(about: Mapping[str, Any]) -> str:
    match about.get("default"):
        case bool() as flag:
            return str(flag).lower()
        case None | [] | {}:
            return ""
        case dict():
            return "as below"
        case value:
            return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _variables() -> Iterator[str]:
    """Give the variables that settings are read from, then those that stand for the program's own options."""
    for name, text in said_in(settings).items():
        if name.endswith("_VARIABLE"):
            yield f"| `{getattr(settings, name)}` | {text} |\n"
    for option in program.params:
        record = option.to_info_dict()
        if record["envvar"]:
            yield f"| `{record['envvar']}` | As `{option.opts[0]}`. {record['help']} |\n"
