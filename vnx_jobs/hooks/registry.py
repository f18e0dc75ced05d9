"""The registry: hooks are added, looked at, tried and removed."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from vnx_jobs.model.errors import Code, Refused, StateServerError
from vnx_jobs.model.hooks import Hook, HookStanding, Pending, hook_problem, need_hooks, unknown_hook
from vnx_jobs.model.record import Record
from vnx_jobs.ports import JobStore
from vnx_jobs.ports.hooks import Hooks

from . import envelope
from .deliverer import Deliverer
from .posting import Answer, Poster
from .signing import Secret, shown, signed

_SHOWN: Final = 50
"""Messages that are shown of a hook."""
SUBMITTING: Final = 900.0
"""Seconds that the submission of a batch may take; after that whoever submits it counts as dead."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The hooks of an installation."""

    hooks: Hooks
    secret: Secret
    poster: Poster
    installation: str

    def deliverer(self, store: JobStore, document: Callable[[Record], Mapping[str, Any]]) -> Deliverer:
        """Return what delivers messages; `document` is how a job is told to programs."""
        return Deliverer(self.hooks, store, self.poster, self.secret, self.installation, document)

    def add(self, name: str, url: str, by: str) -> str:
        """Register a hook, and return the key that its messages are signed with.

        Raises Refused(invalid) for a name or URL that cannot be, Refused(name-in-use), Refused(credentials).
        """
        if problem := hook_problem(name):
            raise Refused(Code.INVALID, f"a hook's name {problem}")
        self.poster.need(url)
        self.secret.make()
        mark = self.secret.mark()
        self._need_same_secret(mark)
        hook = Hook(name, url, secrets.token_hex(8), mark, by)
        if not self.hooks.add(hook):
            raise Refused(Code.NAME_IN_USE, f"there is a hook {name} already: `vnx-jobs hooks remove {name}` first")
        return shown(self.secret.key(name, hook.generation))

    def _need_same_secret(self, mark: str) -> None:
        other = next((one.hook.name for one in self.hooks.find() if one.hook.mark != mark), None)
        if other is not None:
            text = f"{self.secret.file} is not the secret that hook {other} was registered with: copy that one here"
            raise Refused(Code.CREDENTIALS, text)

    def find(self) -> tuple[HookStanding, ...]:
        """Return how things stand with all hooks, by name."""
        return self.hooks.find()

    def get(self, name: str) -> HookStanding:
        """Return how things stand with a hook. Raises Refused(unknown-hook)."""
        for standing in self.hooks.find(name):
            return standing
        raise unknown_hook(name, [one.hook.name for one in self.hooks.find()])

    def pending(self, name: str) -> Sequence[Pending]:
        """Return messages to a hook that are not delivered, 50 at most."""
        return self.hooks.pending(name, _SHOWN)

    def remove(self, name: str) -> None:
        """Forget a hook and all that was to be told to it. Raises Refused(unknown-hook)."""
        self.get(name)
        self.hooks.remove(name)

    def again(self, name: str) -> int:
        """Have all that waits, or was given up, tried now; return how many messages. Raises Refused(unknown-hook)."""
        self.get(name)
        return self.hooks.again(name)

    def key(self, name: str) -> str:
        """Return the key that a hook's messages are signed with. Raises Refused(unknown-hook, credentials)."""
        return shown(self._key(self.get(name).hook))

    def test(self, name: str) -> Answer:
        """Send a message to a hook from here, and say what came of it. Raises Refused(unknown-hook, credentials)."""
        hook = self.get(name).hook
        message = f"test_{secrets.token_hex(8)}_{name}"
        body = envelope.body(self.installation, message, envelope.TEST, name, round(time.time() * 1000), {"hook": name})
        headers = signed(self._key(hook), message, int(time.time()), body)
        return self.poster(hook.url, {"Content-Type": envelope.CONTENT_TYPE, **headers}, body)

    def _key(self, hook: Hook) -> bytes:
        if self.secret.mark() != hook.mark:
            text = f"{self.secret.file} is not the secret that hook {hook.name} was registered with"
            raise Refused(Code.CREDENTIALS, text)
        return self.secret.key(hook.name, hook.generation)

    def need(self, names: Sequence[str]) -> None:
        """Raise Refused(unknown-hook) if one of some names is no hook's, Refused(invalid) for too many."""
        need_hooks(names, self.hooks.known(frozenset(names)) if names else frozenset())

    @contextmanager
    def telling(self, batch: str, names: Sequence[str]) -> Iterator[None]:
        """Have hooks told when all jobs of a batch have ended, once the block that submits them is over.

        If the block fails, or its process dies, the deliverer has that told of the jobs that there are, after a quarter
        of an hour. Raises Refused(unknown-hook) and StateServerError before the block.
        """
        if not names:
            yield
            return
        self.need(names)
        self.hooks.expect(batch, list(dict.fromkeys(names)), SUBMITTING)
        yield
        with suppress(StateServerError):  # the jobs are accepted, and the deliverer does it later
            self.hooks.seal(batch)
