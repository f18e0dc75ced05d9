"""`vnx-jobs backups rebuild`: the catalogue, from what the repositories hold."""

import click

from vnx_jobs.backups.rebuilding import Rebuilt
from vnx_jobs.backups.rebuilding import rebuild as rebuilt
from vnx_jobs.documents.backups import RebuiltDocument
from vnx_jobs.model.errors import Code, JobError
from vnx_jobs.model.states import ENDED
from vnx_jobs.ports.mover import MoverError
from vnx_jobs.wiring import House

from .exits import Exit
from .output import Form, in_form, show_one
from .screen import show_table
from .session import audited, opened


@click.command()
@click.option("--repository", "names", metavar="NAME", multiple=True, help="Only from this one; may be repeated.")
@click.option("--unpinned", is_flag=True, help="Let what is entered be judged by policies at once.")
@click.option("--forget-lost", is_flag=True, help="Take out of the catalogue what the repositories do not hold.")
@in_form
def rebuild(names: tuple[str, ...], *, unpinned: bool, forget_lost: bool, form: Form) -> int:
    """Enter what the repositories hold and the catalogue does not know.

    For example: vnx-jobs backups rebuild

    Run it where the repositories are. What is entered is pinned, since nobody knows any more what was: `backups unpin`
    lets policies judge it. The status is 1 if something could not be read, or is lost and still in the catalogue.
    """
    with opened() as house, audited(house, f"backups rebuild{' --forget-lost' if forget_lost else ''}"):
        done = Rebuilt()
        for name in names or sorted(house.settings.repositories):
            done += _from(house, name, pinned=not unpinned)
        if forget_lost:
            house.catalogue.forget([one.archive for one in done.lost])
    show_one(form, RebuiltDocument.of(done), lambda: _show(done, forgotten=forget_lost))
    return Exit.FAILED if done.unread or (done.lost and not forget_lost) else Exit.WELL


def _from(house: House, name: str, *, pinned: bool) -> Rebuilt:
    def under_way(job: str) -> bool:
        state = house.inventory.fate(job)
        return state is not None and state not in ENDED

    try:
        return rebuilt(house.catalogue, name, house.repositories(name), under_way, pinned=pinned)
    except MoverError as error:
        raise JobError(Code.COPY_FAILED, f"repository {name}: {error}") from error


def _show(done: Rebuilt, *, forgotten: bool) -> None:
    lost = "forgotten: its archive is gone" if forgotten else "lost: its archive is gone (--forget-lost takes it out)"
    rows = [
        *((one.archive, "entered") for one in done.entered),
        *((one.archive, lost) for one in done.lost),
        *((one.what, f"not read: {one.why}") for one in done.unread),
    ]
    show_table(("archive", "what became of it"), rows, empty="nothing to enter")
    click.echo(f"{len(done.entered)} entered, {done.known} known before")
