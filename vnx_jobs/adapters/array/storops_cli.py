"""The fence around storops: its builders give the words of a command, its parsers read a listing, and nothing else.

storops never starts a process here, has no heartbeat and no thread, and is never asked for the host's certificate
level. Its parsers get texts that were judged to be listings; `listings` gives the fields their types.
"""

import warnings
from collections.abc import Mapping
from typing import Any, TypeAlias

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # storops imports `pipes` and has invalid escapes, both deprecated in Python 3.11
    from storops.vnx.block_cli import CliClient
    from storops.vnx.enums import VNXMigrationRate, VNXProvisionEnum, VNXTieringEnum
    from storops.vnx.parsers import VNXCliParser, VNXPropDescriptor

__all__ = [
    "CommandBuilder",
    "Fields",
    "VNXMigrationRate",
    "VNXProvisionEnum",
    "VNXTieringEnum",
    "Words",
    "parse",
    "parser_of",
]

Words: TypeAlias = tuple[str, ...]
Fields: TypeAlias = Mapping[str, str | None]
"""What a listing says of one object: a text for each label, None where the label is missing."""


class _Builder(CliClient):  # type: ignore[misc]  # storops is untyped
    """storops' client, whose commands come back as words instead of being executed."""

    def __init__(self) -> None:
        super().__init__(heartbeat_interval=0)

    def execute(self, params: list[Any], ip: None = None) -> Words:  # noqa: ARG002 -- storops gives it by name
        return tuple(str(param) for param in params)


class CommandBuilder:
    """Has storops build the words of a command, without the global options. Sends nothing."""

    def __init__(self) -> None:
        self._builder: Any = _Builder()

    def _words(self, builder: str, *values: Any, **options: Any) -> Words:  # noqa: ANN401 -- storops is untyped
        words: Words = getattr(self._builder, builder)(*values, **options)
        return words


def parse(parser: Any, text: str) -> list[Fields]:  # noqa: ANN401 -- storops is untyped
    """Read the fields of each object in a text that was judged to be a listing."""
    parsed: list[Fields] = [dict(one) for one in parser.parse_all(text)]
    return parsed


def parser_of(index: str, **labels: str) -> Any:  # noqa: ANN401 -- storops is untyped
    """Make a storops parser of the fields we use; its own lacks sizes in blocks, and its converters run commands."""
    parser = VNXCliParser()
    for key, label in labels.items():
        parser.add_property(VNXPropDescriptor(None, label, key, is_index=key == index))
    return parser
