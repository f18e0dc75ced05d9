"""The table of promises: what is promised, and the check that finds the breaches."""

from collections.abc import Callable
from typing import Final, TypeAlias

from vnx_jobs.torture.evidence import Evidence

from .backups import backups_are_good
from .claims import claims_are_returned, numbers_are_true, slots_are_true
from .commands import foreign_objects_stand, limits_hold, nothing_is_doubled, turns_do_not_overlap
from .ends import all_jobs_end, failures_leave_nothing, no_job_is_missing, successes_stand
from .hosts import mappings_are_true
from .leftovers import nothing_is_orphaned, stuck_jobs_say_the_truth

Check: TypeAlias = Callable[[Evidence], list[str]]

PROMISES: Final[tuple[tuple[str, Check], ...]] = (
    ("no accepted job is missing", no_job_is_missing),
    ("every job ends", all_jobs_end),
    ("what SUCCEEDED stands as it was asked for", successes_stand),
    ("what FAILED or was CANCELLED left nothing", failures_leave_nothing),
    ("a stuck job says what remains", stuck_jobs_say_the_truth),
    ("no object is orphaned", nothing_is_orphaned),
    ("no step's effect is doubled", nothing_is_doubled),
    ("turns do not overlap, and settling is respected", turns_do_not_overlap),
    ("no limit is exceeded at any moment", limits_hold),
    ("nothing of anybody else's is touched", foreign_objects_stand),
    ("no claim is leaked", claims_are_returned),
    ("slots equal the array's truth", slots_are_true),
    ("LUN numbers held are those that stand", numbers_are_true),
    ("hosts see what the records say", mappings_are_true),
    ("backups are whole, known, and what the volumes held", backups_are_good),
)
