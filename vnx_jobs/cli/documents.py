"""Jobs in words, for people: the same of a record that was read here, and of a document that came from elsewhere."""

from datetime import timedelta
from typing import TypeAlias

from vnx_jobs.documents.jobs import JobDocument
from vnx_jobs.documents.jobs import place as place_of_record
from vnx_jobs.model.record import Record
from vnx_jobs.model.states import ENDED, State

from .screen import duration

Job: TypeAlias = Record | JobDocument


def told(job: Job) -> JobDocument:
    """Return a job as a document."""
    return JobDocument.of(job) if isinstance(job, Record) else job


def id_of(job: Job) -> str:
    """Return a job's id."""
    return job.id if isinstance(job, Record) else job.job


def is_over(job: Job) -> bool:
    """Say whether nothing more will happen by itself: the job has ended, or is stuck until a person acts."""
    return job.state in ENDED or job.state is State.STUCK


def place(job: Job) -> tuple[int, int]:
    """Return the number of the step that a job is at, and how many there are."""
    return place_of_record(job) if isinstance(job, Record) else (job.step_number, job.steps)


def title(job: Job) -> str:
    """Name a job for people."""
    name = job.row if job.batch and job.row else job.name
    return f"{job.spec['operation']} {name}"


def took(job: JobDocument) -> str:
    """Return how long a job took; empty if it has not ended."""
    return duration((job.ended - job.created) / timedelta(seconds=1)) if job.ended and job.created else ""


def progress(job: Job) -> str:
    """Return how far a job is, in words."""
    one = told(job)
    if one.is_over:
        if one.state is not State.SUCCEEDED:
            return one.error or one.why
        return f"{one.error or 'done'}{f' after {took(one)}' if took(one) else ''}"
    parts = [f"step {one.step_number} of {one.steps}"]
    if one.percent is not None:
        parts.append(f"{one.percent} %")
    if one.seconds_left is not None:
        parts.append(f"{duration(one.seconds_left)} left")
    if one.why and one.percent is None:
        parts.append(one.why)
    return ", ".join(parts)
