"""What is not begun while hosts see a snap copy: its content could change while its snapshot is taken."""

from vnx_jobs.model.view import View, until_unmapped

from .plan import Plan, Shown


def shown(planned: Plan, view: View) -> Shown | None:
    """Return what a job waits for before it asks for its claims, which a detachment needs too; None if for nothing."""
    if "snap_copy" not in planned.facts or not (groups := view.mapped(int(planned.facts["source_number"]))):
        return None
    return Shown(until_unmapped(str(planned.facts["snap_copy"]), ", ".join(groups)))
