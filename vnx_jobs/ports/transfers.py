"""The port of transfers: what jobs ask of backup hosts, and what copiers answer. Costs no array command."""

from typing import Protocol

from vnx_jobs.model.transfer import Copier, Ending, Standing, Taken, Transfer

from .turns import Ring


class TransferRequests(Protocol):
    """What a job's steps see of transfers. Every method is atomic, durable when it returns, and may be repeated.

    All raise StateServerError. Each costs one round trip.
    """

    def ask(self, transfer: Transfer) -> None:
        """Ask a backup host for a transfer, and let its copiers know.

        Replaces a transfer of the same job and place that has failed, or that asks for something else and is with
        nobody. One that is the same and waits or was done, and a running one, are left alone: copiers look by
        themselves every few seconds whether something waits, if they missed the ring. Nothing is asked for a job that
        has ended.
        """
        ...

    def standing(self, job: str, place: int) -> Standing | None:
        """Say how a transfer stands; None if none was asked for, or it was forgotten.

        One whose copier is dead (its lease is over) is shown as asked for again, its deaths one more; after
        MAX_DEATHS of them as failed, with the code `copier-died`.
        """
        ...

    def stop(self, job: str, place: int) -> bool:
        """Take a transfer back; True once nothing of it is under way.

        One that is with nobody is forgotten at once, a running one told to stop; its job is resumed when it has ended.
        One that has ended stays as it is.
        """
        ...

    def forget(self, job: str) -> None:
        """Forget all transfers of a job that are not running.

        The end of a job does it too, and tells the running ones to stop.
        """
        ...


class Transfers(TransferRequests, Protocol):
    """All that is known of transfers: what copiers need too."""

    def waiting(self, host: str, limit: int) -> tuple[str, ...]:
        """Return transfers asked of a backup host, by id, longest first; dead copiers' among them."""
        ...

    def running(self, host: str | None = None) -> tuple[Standing, ...]:
        """Return what copiers are at, of one backup host or of all."""
        ...

    def take(self, transfer: str, token: str, *, on_host: int, on_array: int, lease: float) -> Taken | None:
        """Take a transfer that was asked for, for the copier that will show this token.

        None if it is gone or taken, if so many run on its backup host (`on_host`) or its array (`on_array`) already, or
        if one runs in the same volume's repository. The same token may take it again. The copier must say something
        before `lease` seconds are over.
        """
        ...

    def identify(self, transfer: str, token: str, copier: Copier) -> bool:
        """Note which process is at it, before it opens anything; False if the transfer is no longer this token's."""
        ...

    def beat(self, transfer: str, token: str, done: int, seconds_left: float | None, lease: float) -> bool:
        """Say how far a copier is, and that it lives; False if it is to stop: told to, or no longer this token's.

        The job shows percent and the expected end.
        """
        ...

    def end(self, transfer: str, token: str, ending: Ending) -> tuple[Ring, ...] | None:
        """Say how it ended, and resume the job that waits; return whom to ring.

        None if the transfer is no longer this token's: nothing changed. One that was told to stop is forgotten, unless
        it was done all the same.
        """
        ...

    def give_back(self, transfer: str, token: str, *, died: bool = False) -> tuple[Ring, ...]:
        """Let somebody begin a transfer anew: its copier was asked to stop. Nothing counts against it.

        If its processes `died`, killed from elsewhere, it counts as a death of its copier.

        One that was itself told to stop is forgotten, and its job resumed; returns whom to ring then. Nothing changes
        if the transfer is no longer this token's.
        """
        ...
