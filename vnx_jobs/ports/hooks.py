"""The port of call backs: who is registered, what is to be told to whom, and what came of it."""

from collections.abc import Collection, Sequence
from typing import Protocol

from vnx_jobs.model.hooks import Calls, Delivery, Hook, HookStanding, Pending


class Hooks(Protocol):
    """The hooks of an installation. Every change is atomic; the present is the state server's time.

    A job that names hooks and ends gets a delivery to each of them in the same moment. Costs no array command. All
    methods raise StateServerError; each costs one round trip, if nothing else is said.
    """

    def add(self, hook: Hook) -> bool:
        """Register a hook; return False, and change nothing, if there is another of its name. May be repeated."""
        ...

    def remove(self, name: str) -> bool:
        """Forget a hook and all that was to be told to it; say whether there was one. A call for each 500 messages."""
        ...

    def known(self, names: Collection[str]) -> frozenset[str]:
        """Return those of some names under which a hook is registered."""
        ...

    def find(self, name: str = "") -> tuple[HookStanding, ...]:
        """Return how things stand with a hook, or with all, by name."""
        ...

    def pending(self, name: str, most: int) -> tuple[Pending, ...]:
        """Return messages to a hook that are not delivered: those given up, then those that are to be tried next."""
        ...

    def again(self, name: str) -> int:
        """Have all that waits, or was given up, tried now, with its whole time again; return how many messages.

        A call for each 500.
        """
        ...

    def calls(self) -> Calls:
        """Say what is to be done now. Changes nothing."""
        ...

    def claim(self, most: int, lease: float) -> tuple[Delivery, ...]:
        """Take messages that are due, for so many seconds: then somebody else may take them.

        Of one hook no more than four are out at one time, and one while its last attempt failed.
        """
        ...

    def delivered(self, delivery: Delivery, answer: str) -> bool:
        """Say that a message was delivered: it is forgotten. Return False if somebody else has taken it since."""
        ...

    def missed(self, delivery: Delivery, answer: str, *, wait: float, patience: float, keep: float) -> bool:
        """Say that a message was not delivered: it is tried again after `wait` seconds.

        If that is later than `patience` seconds after it was made, it is given up, and kept for `keep` seconds. Return
        False if somebody else has taken it since.
        """
        ...

    def expect(self, batch: str, hooks: Sequence[str], patience: float) -> None:
        """Say that a batch is about to be submitted whose end is to be told to hooks.

        If `seal` is not called within `patience` seconds, `calls` names it: then whoever submits has died.
        """
        ...

    def seal(self, batch: str) -> None:
        """Say that all jobs of a batch are submitted: its hooks are told when the last of them has ended.

        That is told once for the jobs that there are then. Said again, it is told again if there are jobs since.
        Without `expect` it changes nothing. May be repeated. A call for each 500 jobs, and three.
        """
        ...
