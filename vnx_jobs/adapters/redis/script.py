"""The one Lua script, put together from its rooms."""

from importlib.resources import files
from typing import Final

_ROOMS: Final = (
    *("claims", "refusals", "hands", "chains", "records", "turns"),
    *("orders", "sweep", "report", "roles", "inventory", "others", "catalogue", "transfers"),
    *("schedules", "hooks", "authority", "gates"),
)


def source() -> str:
    """Return the script's text: what all rooms share, the rooms, and the door (see lua/keys.lua)."""

    def read(name: str) -> str:
        return (files(__package__) / "lua" / f"{name}.lua").read_text()

    rooms = [f"{name.title()} = entered_by(function()\n{read(name)}end)" for name in _ROOMS]
    return "\n".join((read("keys"), *rooms, read("main")))
