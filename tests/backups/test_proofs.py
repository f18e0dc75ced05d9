"""Whose proof is overdue."""

from datetime import timedelta

from vnx_jobs.backups.proofs import overdue, unproved_since
from vnx_jobs.ports import BackedUp

DAY = 86_400_000
NOW = 1_000 * DAY


def volume(name: str, first: int, proved: int | None = None) -> BackedUp:
    """Return a volume first backed up, and last proved, so many days ago."""
    return BackedUp("box", name.upper(), name, NOW - first * DAY, None if proved is None else NOW - proved * DAY)


def test_the_longest_without_a_proof_come_first() -> None:
    """A volume counts from its last proof, or from its first backup if it had none; exactly the age is not over it."""
    never, old, new, just = volume("never", 50), volume("old", 300, 90), volume("new", 3), volume("just", 60, 30)
    assert overdue([new, never, just, old], NOW, timedelta(days=30)) == (old, never)
    assert overdue([new, never, just, old], NOW, timedelta(days=90)) == ()
    assert overdue([just], NOW + 1, timedelta(days=30)) == (just,)
    assert unproved_since(never) == NOW - 50 * DAY
