"""Clones of all volumes of a group's snapshot: a request that becomes rows, a job each, as if a manifest held them.

A job for each volume copies beside the others, and one that fails leaves those that took hours alone. All are of the
same moment, whenever they run, for each copies the snapshot.
"""

from pathlib import Path

from vnx_jobs.model.array import Snapshot
from vnx_jobs.model.errors import Code, Refused
from vnx_jobs.model.names import name_problem, new_job_id
from vnx_jobs.model.specs import CloneGroup
from vnx_jobs.model.things import thing
from vnx_jobs.model.view import View
from vnx_jobs.submission import Submission

from .manifest import MAX_NAME, Manifest, Row


def group_clones(spec: CloneGroup, submission: Submission, key: str = "") -> Manifest:
    """Return a row for each volume of the snapshot. Costs no array command.

    With a key the batch bears its name, so that the same request again finds the same jobs, also when the snapshot is
    gone. Raises Refused for what is no snapshot of a group as far as the last lists tell, and for names that do not fit
    its volumes.
    """
    submission.settings.array(spec.array)
    batch = _batch(spec, key)
    view = submission.inventory.view(spec.array, {spec.snapshot})
    known = submission.store.find(batch=batch, newest=False) if key and view.snapshot(spec.snapshot) is None else []
    members = [record.row for record in known if record.array == spec.array] or _members(_snapshot(spec, view), view)
    try:
        requests = spec.clones(members)
    except ValueError as error:
        raise Refused(Code.INVALID, f"{spec.operation}: {error}") from None
    rows = tuple(Row(line, member, fields, ()) for line, (member, fields) in enumerate(requests.items(), start=1))
    return Manifest(Path(spec.operation), batch, rows, (), is_file=False)


def _snapshot(spec: CloneGroup, view: View) -> Snapshot:
    snapshot = view.snapshot(spec.snapshot)
    if snapshot is None:
        maker = view.maker(thing("snapshot", spec.snapshot))
        text = "the last lists show no such snapshot" if maker is None else f"job {maker} is still to make it"
        raise Refused(Code.NO_SUCH_SNAPSHOT, f"{spec.snapshot} on {spec.array}: {text}; try again when it is there")
    if not snapshot.of_group:
        raise Refused(Code.NOT_SUPPORTED, f"{snapshot.name} is the snapshot of one volume: use clone")
    return snapshot


def _members(snapshot: Snapshot, view: View) -> list[str]:
    """Return the names of the volumes that a snapshot is of, in the order of their numbers."""
    numbers = sorted(primary for _, primary in snapshot.images)
    unknown = [str(number) for number in numbers if number not in view.primaries]
    if unknown:
        text = f"snapshot {snapshot.name} is of LUN {', '.join(unknown)}, which the last list of LUNs does not show"
        raise Refused(Code.NO_SUCH_VOLUME, text)
    return [view.primaries[number].name for number in numbers]


def _batch(spec: CloneGroup, key: str) -> str:
    name = f"{spec.operation}-{key or new_job_id()}"
    if problem := name_problem(name, MAX_NAME):
        raise Refused(Code.INVALID, f"the key, as the batch's name {name!r}, {problem}")
    return name
