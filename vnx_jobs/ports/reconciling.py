"""The port for comparing an array with its records within a job."""

from typing import Protocol

from vnx_jobs.model.outcome import Facts


class Reconciling(Protocol):
    """What compares the last lists of an array with what is known of it. Costs no array command."""

    def judge(self, array: str) -> Facts:
        """Repair claims by the last lists, and say what differs: it stays to be told until it is settled.

        Facts: `findings` and `repaired`, how many; `found`, a sentence a line, the first twenty. Looks at every key of
        the state server. Raises Refused(array-refused) if the array must not be judged now.
        """
        ...
