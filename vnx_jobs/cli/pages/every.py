"""Every page of reference, by its name below docs/."""

from . import api, commands, errors, keys, operations, settings


def pages() -> dict[str, str]:
    """Return the text of each page."""
    return {
        "commands.md": commands.page(),
        "reference/api.md": api.page(),
        "reference/errors.md": errors.page(),
        "reference/keys.md": keys.page(),
        "reference/operations.md": operations.page(),
        "reference/settings.md": settings.page(),
    }
