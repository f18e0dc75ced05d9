"""What stands before the command: address, credentials, and how to ask.

The options are those of naviseccli's own help text (recorded from revision 7.33.1); they may stand in any order before
the command and in any case, as drivers write them (`-h` and `-Address`, `-user` and `-User`).
"""

from __future__ import annotations

from .record import record

TAKES_VALUE = {
    "-user": "user",
    "-password": "password",
    "-scope": "scope",
    "-h": "address",
    "-address": "address",
    "-port": "port",
    "-t": "timeout",
    "-timeout": "timeout",
    "-secfilepath": "secfilepath",
}
SWITCHES = {
    "-np": "np",
    "-nopoll": "np",
    "-p": "parse",
    "-parse": "parse",
    "-cmdtime": "cmdtime",
    "-xml": "xml",
    "-f": "file",
    "-help": "help",
    "-addusersecurity": "add_user_security",
    "-removeusersecurity": "remove_user_security",
    "-deletesecurityentry": "delete_security_entry",
}


@record
class Invocation:
    """One call of the program: the global options and the words of the command."""

    words: tuple[str, ...]
    address: str | None
    user: str | None
    password: str | None
    scope: str
    secfilepath: str | None
    timeout: float | None
    switches: frozenset[str]

    @property
    def np(self) -> bool:
        """Whether the answer may come from what the array knew at its last poll (`-np`)."""
        return "np" in self.switches

    def without_password(self) -> tuple[str, ...]:
        """Return the words of the command as a log may show them."""
        hidden = [*self.words]
        for place, word in enumerate(hidden[:-1]):
            if word.lower() in ("-password", "-newpassword", "-oldpassword"):
                hidden[place + 1] = "****"
        return tuple(hidden)


class BadInvocation(Exception):  # noqa: N818 - it is a verdict on the words, read as one
    """The global options cannot be understood; the text is the program's answer."""


def understand(argv: list[str]) -> Invocation:
    """Split a command line into global options and the words of the command.

    Raises BadInvocation when an option lacks its value.
    """
    values: dict[str, str] = {}
    switches: set[str] = set()
    rest = [*argv]
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option.lower() in SWITCHES:
            switches.add(SWITCHES[option.lower()])
        elif option.lower() in TAKES_VALUE:
            if not rest:
                raise BadInvocation(f"{option}: Missing value")
            values[TAKES_VALUE[option.lower()]] = rest.pop(0)
        else:
            raise BadInvocation(f"Unrecognized option: {option}")
    return Invocation(
        words=tuple(rest),
        address=values.get("address"),
        user=values.get("user"),
        password=values.get("password"),
        scope=values.get("scope", "0"),
        secfilepath=values.get("secfilepath"),
        timeout=_seconds(values.get("timeout")),
        switches=frozenset(switches),
    )


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise BadInvocation(f"-timeout: Value {text} is not a number")
    return float(text)
