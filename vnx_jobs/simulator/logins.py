"""Who may speak to the array: a name and a password, or a security file.

`-AddUserSecurity` keeps a login in a folder, as the real program does, so that no password stands on a command
line. The simulator's file is not encrypted; it is readable by its owner only.
"""

from __future__ import annotations

import binascii
import os

from vnx_jobs.simulator.errors import Refused

from . import errors
from .array import Array
from .invocation import Invocation
from .rules import users

FILE = "SecuredCLISecurityFile.xml"


def check(array: Array, invocation: Invocation) -> None:
    """Refuse a call whose login is not right. Raises BAD_CREDENTIALS, NO_SECURITY_FILE."""
    if invocation.user is not None:
        login = (invocation.user, invocation.password or "", invocation.scope)
    else:
        login = _kept(invocation.secfilepath)
    if not users.may_enter(array, *login):
        raise Refused(errors.BAD_CREDENTIALS, address=invocation.address or "localhost")


def _folder(said: str | None) -> str:
    return said or os.path.expanduser("~")  # noqa: PTH111 - pathlib costs 15 ms of a command's 40


def _kept(said: str | None) -> tuple[str, str, str]:
    try:
        with open(f"{_folder(said)}/{FILE}", "rb") as file:  # noqa: PTH123 - see _folder
            fields = [binascii.a2b_base64(line).decode() for line in file.read().splitlines()[1:4]]
    except OSError:
        raise Refused(errors.NO_SECURITY_FILE) from None
    if len(fields) != 3:  # noqa: PLR2004 - name, password, scope
        raise Refused(errors.NO_SECURITY_FILE)
    return fields[0], fields[1], fields[2]


def keep(invocation: Invocation) -> str:
    """Keep or remove a login (`-AddUserSecurity`, `-RemoveUserSecurity`). Raises NO_SECURITY_FILE."""
    path = f"{_folder(invocation.secfilepath)}/{FILE}"
    if "remove_user_security" in invocation.switches:
        try:
            os.unlink(path)  # noqa: PTH108 - see _folder
        except FileNotFoundError:
            raise Refused(errors.NO_SECURITY_FILE) from None
        return ""
    fields = (invocation.user or "", invocation.password or "", invocation.scope)
    lines = b"".join(binascii.b2a_base64(field.encode()) for field in fields)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, b"<simulated/>\n" + lines)
    finally:
        os.close(descriptor)
    return ""
