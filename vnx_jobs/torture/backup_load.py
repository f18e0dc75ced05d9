"""The load's part about backups: drawn from a chance of its own, so that the rest stays as its seed draws it."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .drawing import SOURCES
from .load import Asked, orders

BACKUP_HOST: Final = "backup-host"
REPOSITORY: Final = "images"
_ONE_IN: Final = 5
"""So many jobs of other kinds come with one about backups."""
_FOLLOWING: Final = ("restore-backup", "drill", "verify-backup", "prune-backups")
"""What is done with a backup; each kind is drawn as often as the others."""
_FIRST: Final = 0.4
"""The part of the time in which backups are asked for."""
_LAST: Final = 0.85
"""The part of the time after which nothing is asked for any more."""
_WHAT: Final = {"one": 6, "two": 2, "group": 2, "snap-copy": 2}
_MADE_BY: Final = {"group": "create-group", "snap-copy": "snap-copy"}


def with_backups(load: Sequence[Asked], seed: int, seconds: float) -> tuple[Asked, ...]:
    """Return a load with jobs about backups added; they bear the numbers behind the others'."""
    chance = random.Random(f"backups {seed}")  # noqa: S311 -- not a secret: it must be replayable
    count = len(load) // _ONE_IN
    backups = [_backup(chance, number, load, seconds) for number in _numbers(load, (count + 1) // 2)]
    following: list[Asked] = []
    kinds: list[str] = []
    for number in range(len(load) + len(backups), len(load) + count):
        kinds = kinds or chance.sample(_FOLLOWING, len(_FOLLOWING))
        following.append(_following(chance, number, kinds.pop(), chance.choice(backups), seconds))
    return tuple(sorted((*load, *backups, *following), key=lambda one: one.at))


def _numbers(load: Sequence[Asked], count: int) -> range:
    return range(len(load), len(load) + count)


def _backup(chance: random.Random, number: int, load: Sequence[Asked], seconds: float) -> Asked:
    """Draw a backup: of volumes of the other administrator's, of a consistency group, or of a snap copy of ours."""
    (what,) = chance.choices(list(_WHAT), list(_WHAT.values()))
    at = chance.uniform(0, seconds * _FIRST)
    made = [one for one in load if one.fields["operation"] == _MADE_BY.get(what) and one.at <= at]
    if what in _MADE_BY and made:
        maker = chance.choice(made)
        name = str(maker.fields["name"])
        about: Mapping[str, Any] = {"group": name} if what == "group" else {"volumes": [name]}
        after: tuple[int, ...] = (maker.number,) if chance.random() < 0.5 else ()  # noqa: PLR2004 -- others find it
    else:
        about, after = {"volumes": chance.sample(SOURCES, 2 if what == "two" else 1)}, ()
    fields = {"operation": "backup", **about, "repository": REPOSITORY, "host": BACKUP_HOST}
    return Asked(number, at, fields, after, orders(chance))


def _following(chance: random.Random, number: int, kind: str, backup: Asked, seconds: float) -> Asked:
    """Draw what is to be done with a backup as soon as it is there."""
    at = chance.uniform(backup.at, max(backup.at, seconds * _LAST))
    fields: dict[str, Any] = {"operation": kind, "host": BACKUP_HOST}
    match kind:
        case "restore-backup":
            fields |= {"name": f"back-{number:05}", "pool": "pool_1"}
        case "drill":
            fields |= {"pool": chance.choice(("pool_1", "pool_2"))}
        case "verify-backup":
            fields |= {"whole": chance.random() < 0.7}  # noqa: PLR2004 -- the others look at the structure alone
        case _:
            fields |= {"last": chance.choice((1, 2, 3))}
    return Asked(number, at, fields, (), orders(chance), of=backup.number)
