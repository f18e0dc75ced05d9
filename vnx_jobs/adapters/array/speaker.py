"""How a method of the array port becomes one command and its answer: what all parts of the port share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from vnx_jobs.model.errors import ArrayError, Verdict

from .listings import ListingError
from .runner import Runner
from .verdicts import Listing
from .words import Commands

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks to one array: the words of a command go to the runner, and a listing's text to its reader."""

    runner: Runner
    commands: Commands

    def until(self, deadline: float) -> Self:
        """Return the same array for one turn: at `deadline` (time.monotonic()) every command of it is dead.

        A command that has not half of its limit left by then is not started: ArrayError(NO_SLOT), nothing was sent.
        """
        return replace(self, runner=self.runner.until(deadline))

    def _list(self, words: Sequence[str], listing: Listing, read: Callable[[str], tuple[T, ...]]) -> tuple[T, ...]:
        text = self.runner.read(words, listing)
        if text is None:
            return ()
        try:
            found = read(text)
        except ListingError as error:
            raise ArrayError(Verdict.NO_ANSWER, str(error)) from error
        if not found:
            raise ArrayError(Verdict.NO_ANSWER, f"nothing could be read of the listing: {text[:200]}")
        return found

    def _one(
        self,
        words: Sequence[str],
        listing: Listing,
        read: Callable[[str], tuple[T, ...]],
        is_meant: Callable[[T], bool],
    ) -> T | None:
        found = self._list(words, listing, read)
        meant = [one for one in found if is_meant(one)]
        if found and not meant:
            raise ArrayError(Verdict.NO_ANSWER, "the array answered about another object than was asked for")
        return meant[0] if meant else None
