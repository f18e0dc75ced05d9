"""The grammar of commands, declared: which words, which options, what must stand together.

A noun's module lists `Command`s; nothing else knows how words become arguments. Option names are not case sensitive, as
in the real program.
"""

from __future__ import annotations

from .record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .array import Array

LONGEST_NUMBER = 32
FLAG, TEXT, NUMBER, NUMBERS, WORDS = "flag", "text", "number", "numbers", "words"


class UsageError(Exception):
    """The words do not fit the grammar; the text is the complaint under the usage."""


@record
class Option:
    """One option: its name as the array writes it and what it takes."""

    name: str
    takes: str = FLAG
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 2**62
    may_be_empty: bool = False

    @property
    def key(self) -> str:
        """The option's name as it is looked up."""
        return self.name.lower()


def flag(name: str) -> Option:
    """Declare an option without a value."""
    return Option(name)


def text(name: str, *, may_be_empty: bool = False) -> Option:
    """Declare an option with a free text."""
    return Option(name, TEXT, may_be_empty=may_be_empty)


def choice(name: str, *choices: str) -> Option:
    """Declare an option with one of some words, in any case."""
    return Option(name, TEXT, choices)


def number(name: str, minimum: int = 0, maximum: int = 2**62) -> Option:
    """Declare an option with a whole number."""
    return Option(name, NUMBER, (), minimum, maximum)


def numbers(name: str) -> Option:
    """Declare an option with whole numbers, divided by commas or by spaces."""
    return Option(name, NUMBERS)


def words(name: str) -> Option:
    """Declare an option that takes every word up to the next option."""
    return Option(name, WORDS)


class Args:
    """The options a command was given, by name."""

    def __init__(self, values: dict[str, object], plain: tuple[str, ...] = ()) -> None:
        self._values = values
        self.plain = plain

    def has(self, name: str) -> bool:
        """Say whether the option was given."""
        return name.lower() in self._values

    def text(self, name: str) -> str | None:
        """Return the option's text, None when it was not given."""
        value = self._values.get(name.lower())
        return None if value is None else str(value)

    def word(self, name: str) -> str:
        """Return the text of an option that the grammar requires, or an empty one."""
        return self.text(name) or ""

    def number(self, name: str) -> int | None:
        """Return the option's number, None when it was not given."""
        value = self._values.get(name.lower())
        return value if isinstance(value, int) else None

    def count(self, name: str) -> int:
        """Return the number of an option that the grammar requires."""
        return self.number(name) or 0

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return the option's numbers, none when it was not given."""
        value = self._values.get(name.lower())
        return value if isinstance(value, tuple) else ()

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the words that the option took, none when it was not given."""
        value = self._values.get(name.lower())
        return tuple(map(str, value)) if isinstance(value, tuple) else ()

    def yes(self, name: str) -> bool | None:
        """Return a yes/no or on/off option as a truth value, None when it was not given."""
        value = self.text(name)
        return None if value is None else value in ("yes", "on")


@record
class Command:
    """One command: its leading words, its options and who carries it out.

    `one_of` are groups of options of which exactly one must stand; `at_most_one` of which one may. `plain` is how many
    words without an option it takes. `confirm` asks y/n unless `-o` is given. `rest` takes whatever else stands there.
    `reads` marks a listing, which `-np` answers from the last poll.
    """

    path: tuple[str, ...]
    run: Callable[[Array, Args], str]
    options: tuple[Option, ...] = ()
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    plain: int = 0
    confirm: bool = False
    rest: bool = False
    reads: bool = False


def select(commands: tuple[Command, ...], said: tuple[str, ...]) -> tuple[Command, tuple[str, ...]]:
    """Find the command that the words begin with; return it and the words after.

    The verbs may also stand behind options (`storagegroup -gname x -removehlu`). `-messner`, the engineering mode
    that storops asks for, may stand behind the noun and changes nothing here.
    Raises UsageError when no command begins so.
    """
    plain = tuple(word for place, word in enumerate(said) if place != 1 or word.lower() != "-messner")
    head = tuple(word.lower() for word in plain)
    longest_first = sorted(commands, key=lambda command: -len(command.path))
    for command in longest_first:
        if head[: len(command.path)] == _lowered(command.path):
            return command, plain[len(command.path) :]
    for command in longest_first:
        if set(_lowered(command.path)) <= set(head):
            return command, _without(plain, command.path)
    raise UsageError("Too few or invalid command line parameters")


def _lowered(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.lower() for word in path)


def _without(said: tuple[str, ...], path: tuple[str, ...]) -> tuple[str, ...]:
    rest = [*said]
    for verb in _lowered(path):
        del rest[[word.lower() for word in rest].index(verb)]
    return tuple(rest)


def parse(command: Command, said: tuple[str, ...]) -> Args:
    """Turn the words behind a command's head into arguments. Raises UsageError when they do not fit."""
    known = {option.key: option for option in command.options}
    values: dict[str, object] = {}
    plain: list[str] = []
    rest = [*said]
    while rest:
        word = rest.pop(0)
        option = known.get(word.lower())
        if option is not None:
            values[option.key] = _value(option, rest, known)
        elif word == "-o" or (word.lower() == "-messner"):
            values[word] = True
        elif command.rest or (len(plain) < command.plain and not word.startswith("-")):
            plain.append(word)
        else:
            raise UsageError(f"{word}: Too few or invalid command line parameters")
    _check(command, values)
    return Args(values, tuple(plain))


def _value(option: Option, rest: list[str], known: dict[str, Option]) -> object:
    if option.takes == FLAG:
        return True
    if not rest:
        raise UsageError(f"{option.name}: Missing value")
    if option.takes == TEXT:
        return _chosen(option, rest.pop(0))
    if option.takes == NUMBER:
        return _whole(option, rest.pop(0))
    taken: list[str] = []
    while rest and rest[0].lower() not in known and rest[0] != "-o":
        taken.append(rest.pop(0))
    if option.takes == WORDS:
        return tuple(taken)
    return tuple(_whole(option, each) for each in ",".join(taken).split(",") if each)


def _chosen(option: Option, said: str) -> str:
    if not said and not option.may_be_empty:
        raise UsageError(f"{option.name}: Missing value")
    if not option.choices:
        return said
    for each in option.choices:
        if said.lower() == each.lower():
            return each
    raise UsageError(f"{option.name}:Value {said} is not valid. Valid values: {'|'.join(option.choices)}")


def _whole(option: Option, said: str) -> int:
    if not said.removeprefix("-").isdecimal() or len(said) > LONGEST_NUMBER:
        raise UsageError(f"{option.name}:Value {said} is not a number")
    value = int(said)
    if value < option.minimum:
        raise UsageError(f"{option.name}:Value {value} is less than minimum. The minimum value is {option.minimum}")
    if value > option.maximum:
        raise UsageError(f"{option.name}:Value {value} is greater than maximum. The maximum value is {option.maximum}")
    return value


def _check(command: Command, values: dict[str, object]) -> None:
    for name in command.required:
        if name.lower() not in values:
            raise UsageError(f"{name}: Too few or invalid command line parameters")
    for names in command.one_of + command.at_most_one:
        given = [name for name in names if name.lower() in values]
        if len(given) > 1 or (not given and names in command.one_of):
            raise UsageError(f"{'|'.join(names)}: Too few or invalid command line parameters")


def usage(commands: tuple[Command, ...]) -> str:
    """Write the usage of some commands as the real program lays it out."""
    lines = ["Usage:"]
    for command in commands:
        parts = [_shown(option) for option in command.options]
        ending = " [-o]" if command.confirm else ""
        lines.append(f"  {' '.join([*command.path, *parts])}{ending}")
    return "\n".join(lines)


def _shown(option: Option) -> str:
    if option.takes == FLAG:
        return f"[{option.name}]"
    return f"[{option.name} {'|'.join(option.choices) or option.name.lstrip('-')}]"
