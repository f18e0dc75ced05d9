"""The words with which naviseccli logs in, and the one secret among them."""

from dataclasses import dataclass
from typing import Final

from vnx_jobs.settings import ArraySettings

_SCOPES: Final = {"global": "0", "local": "1", "ldap": "2"}
_MASK: Final = "***"


class _Secret(str):
    """A word that must stand in an argument list and nowhere else: a traceback that shows values does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(_MASK)


@dataclass(frozen=True, slots=True)
class Login:
    """How one command logs in. Its repr shows no secret."""

    words: tuple[str, ...]
    secret: str = _Secret()

    def masked(self, text: str) -> str:
        """Return a text of the array in which the secret is not to be read, should the array have repeated it."""
        return text.replace(self.secret, _MASK) if self.secret else text


def login(settings: ArraySettings) -> Login:
    """Return an array's login: the CLI's own security file, or else user and password.

    The password is read anew each time, so that a changed one needs no restart. Raises Refused if it cannot be read.
    """
    if settings.security_file is not None:
        return Login(("-secfilepath", str(settings.security_file)))
    secret = _Secret(settings.password().get_secret_value())
    return Login(("-user", settings.user or "", "-password", secret, "-scope", _SCOPES[settings.scope]), secret)
