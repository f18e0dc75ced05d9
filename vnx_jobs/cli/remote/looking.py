"""What a service knows of arrays and of what is on them."""

from vnx_jobs.cli.arrays import show_arrays
from vnx_jobs.cli.exits import Exit
from vnx_jobs.cli.output import Form
from vnx_jobs.cli.volumes import show_sources, show_volume, show_volumes

from .service import Service, listed


def arrays(service: Service, *, form: Form) -> Exit:
    """List the arrays that the token sees."""
    return show_arrays(form, service.arrays())


def volumes(service: Service, array: str | None, *, form: Form) -> Exit:
    """List the volumes of an array."""
    meant = service.array_meant(array)
    return show_volumes(form, list(listed(lambda cursor: service.volumes(meant, cursor))))


def sources(service: Service, array: str | None, *, form: Form) -> Exit:
    """List what snap copies and snapshots are made of."""
    meant = service.array_meant(array)
    return show_sources(form, list(listed(lambda cursor: service.sources(meant, cursor))))


def volume(service: Service, array: str, name: str, *, form: Form) -> Exit:
    """Show one volume."""
    return show_volume(form, service.volume(array, name))
