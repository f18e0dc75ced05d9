"""`vnx-jobs doctor`: looks at everything that jobs need, and says in a line each what is wrong and what to do."""

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import click

from vnx_jobs.adapters.redis.health import health, role_held
from vnx_jobs.documents.findings import CheckDocument
from vnx_jobs.hooks.signing import Secret
from vnx_jobs.model.errors import ArrayError, Refused, StateServerError, Verdict
from vnx_jobs.observability.logs import log_to
from vnx_jobs.settings import Settings, load
from vnx_jobs.wiring import House, state_server_url

from . import checks
from .checks import Finding, ok, warning, wrong
from .exits import Exit
from .output import Column, Form, in_form, show_list
from .screen import Fit

_FULL: Final = 0.8
"""Share of the state server's memory from which it is time to do something."""
_PING: Final = 2.0
"""Seconds that workers, and those who hold roles, are given to show themselves."""
_LOOK: Final = 0.1
_REMEDIES: Final = {
    Verdict.CREDENTIALS: "check user, password_file or security_file, and that naviseccli is there",
    Verdict.UNREACHABLE: "check the addresses spa and spb, and the network",
}


_COLUMNS: Final[tuple[Column[Finding], ...]] = (
    Column("check", lambda one: one.check),
    Column("verdict", lambda one: str(one.verdict)),
    Column("finding", lambda one: one.text, fit=Fit.CARRIED),
)


@click.command()
@click.option("--offline", is_flag=True, help="Send no command to any array.")
@in_form
def doctor(*, offline: bool, form: Form) -> int:
    """Check settings, state server, workers and arrays, and say what to do.

    For example: vnx-jobs doctor
    """
    log_to(level="error")
    findings = list(_findings(offline=offline))
    show_list(form, findings, _COLUMNS, CheckDocument, _document, empty="")
    return Exit.FAILED if any(one.verdict is checks.Verdict.WRONG for one in findings) else Exit.WELL


def _document(one: Finding) -> CheckDocument:
    return CheckDocument(check=one.check, verdict=str(one.verdict), text=one.text)


def _findings(*, offline: bool) -> Iterator[Finding]:
    yield from checks.python()
    try:
        settings = load()
    except Refused as refused:
        yield wrong("settings", refused.message)
        return
    yield from checks.settings(settings)
    for name, about in settings.arrays.items():
        yield from checks.array(name, about)
    yield from _state_server(settings)
    if not offline:
        for name in settings.arrays:
            yield _answers(settings, name)


def _state_server(settings: Settings) -> Iterator[Finding]:
    try:
        url = state_server_url(settings)
        found = health(url)
    except StateServerError as error:
        yield wrong("state server", error.message)
        yield from checks.hooks_secret(Secret(settings.hooks_secret_file), {})
        return
    memory = f"{found.used / 2**20:.0f} MiB used" + (f" of {found.limit / 2**20:.0f}" if found.limit else "")
    verdict = warning if settings.unsafe_state_server else wrong
    yield from (verdict("state server", f"{danger}: change that") for danger in found.dangers)
    if found.limit and found.used > _FULL * found.limit:
        yield wrong("state server memory", f"{memory}: raise maxmemory, or keep ended jobs for fewer days")
    if not found.dangers:
        yield ok("state server", f"{found.version}, append-only file, evicts nothing, {memory}")
    yield from _workers(settings, url)
    yield from _hooks(settings)


def _workers(settings: Settings, url: str) -> Iterator[Finding]:
    from vnx_jobs.adapters.celery.workers import answering  # noqa: PLC0415 -- celery is slow to import

    try:
        names = answering(url, settings.prefix, _PING)
        held = _roles_held(settings, ["sweep", *(f"watch:{name}" for name in settings.arrays)])
    except StateServerError as error:
        yield wrong("workers", error.message)
        return
    if names:
        yield ok("workers", f"{len(names)} answer(s)")
    else:
        yield wrong("workers", "none answers: run `vnx-jobs up`, or `celery -A workers worker` on some host")
    if not held:
        text = "nobody sweeps, or nobody watches some array: look for tick_failed in the workers' logs"
        yield (warning if names else wrong)("heartbeat", text)
    else:
        yield ok("heartbeat", "the sweep and the watch of each array are held")


def _hooks(settings: Settings) -> Iterator[Finding]:
    house = House(settings)
    try:
        marks = {one.hook.name: one.hook.mark for one in house.hooks.find()}
    except StateServerError as error:
        yield wrong("hooks secret", error.message)
        return
    finally:
        house.close()
    yield from checks.hooks_secret(Secret(settings.hooks_secret_file), marks)


def _roles_held(settings: Settings, roles: Iterable[str]) -> bool:
    """Whether each role is seen held: a watch whose list takes long may be between two leases for a moment."""
    house = House(settings)
    limit, missing = time.monotonic() + _PING, set(roles)
    try:
        while missing := {role for role in missing if not role_held(house.server, role)}:
            if time.monotonic() > limit:
                return False
            time.sleep(_LOOK)
        return True
    finally:
        house.close()


class _NoSlots:
    """Lets one command through whatever else is under way: the check must work without a state server too."""

    def hold(self, array: str, seconds: float) -> AbstractContextManager[None]:
        """Hold nothing."""
        del array, seconds
        return nullcontext()


def _answers(settings: Settings, name: str) -> Finding:
    """Send one reading command to an array."""
    from vnx_jobs.adapters.array.vnx import vnx_array  # noqa: PLC0415 -- storops is slow to import

    about = settings.array(name)
    began = time.monotonic()
    try:
        port = vnx_array(name, about, _NoSlots()).until(began + about.times.read_limit)
        pools = port.pools()
    except ArrayError as error:
        remedy = _REMEDIES.get(error.verdict, "try the same naviseccli command by hand")
        return wrong(f"{name} answers", f"{error.text}: {remedy}")
    names = ", ".join(pool.name for pool in pools) or "none"
    return ok(f"{name} answers", f"in {time.monotonic() - began:.1f} s; pools: {names}")
