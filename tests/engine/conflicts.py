"""The requests of the conflict table: what each asks for, and what it changes on the array when nothing else runs."""

from collections.abc import Sequence
from typing import Any, Final

from tests.backup_host import HOST, REPOSITORY
from vnx_jobs.model.backup import Label

PLAIN: Final = "a plain volume"
RICH: Final = "a volume with a snapshot, a snap copy and a group"
COPY: Final = "a snap copy"
GROUP: Final = "a group with a snapshot"
SEEN: Final = "a volume that a host sees"

BACKUP: Final = Label("box", "other", "60:06", "", "01ARZ3NDEKTSV4RRFFQ69G5FB0", 1_700_000_000_000, 2 << 30)
"""Of a volume that is no more."""
_ON: Final[dict[str, Any]] = {"repository": REPOSITORY, "host": HOST}
_ONTO: Final[dict[str, Any]] = {
    "operation": "restore-backup",
    "backup": BACKUP.archive,
    "overwrite": True,
    "host": HOST,
}


def _of(name: str) -> dict[str, dict[str, Any]]:
    """Return the requests that can be made of any volume; # stands for the number of the request."""
    return {
        "snapshot": {"operation": "create-snapshot", "name": "image-#", "volume": name},
        "snap-copy": {"operation": "snap-copy", "name": "copy-#", "source": name},
        "clone": {"operation": "clone", "name": "twin-#", "source": name},
        "extend": {"operation": "extend-volume", "name": name, "size_gb": "1#"},
        "rename": {"operation": "rename-volume", "name": name, "new_name": "name-#"},
        "mark": {"operation": "set-readonly", "name": name, "readonly": "true"},
        "let-go": {"operation": "unmanage-volume", "name": name},
        "adopt": {"operation": "manage-volume", "existing": name, "name": "adopted-#"},
        "migrate": {"operation": "migrate-volume", "name": name, "pool": "other"},
        "retype": {"operation": "retype-volume", "name": name, "provisioning": "thick"},
        "delete": {"operation": "delete-volume", "name": name},
        "group": {"operation": "create-group", "name": "group-#", "members": [name]},
        "attach": {"operation": "attach-volume", "volumes": [name], "host": "host", "mode": "ro"},
        "backup": {"operation": "backup", "volumes": [name], **_ON},
        "onto": {**_ONTO, "name": name},
    }


def _some(name: str, words: str) -> dict[str, dict[str, Any]]:
    return {word: _of(name)[word] for word in words.split()}


REQUESTS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    PLAIN: _of("plain"),
    RICH: {
        **_some("gold", "snapshot snap-copy clone extend rename mark attach"),
        "copy": {"operation": "copy-snapshot", "name": "image-#", "snapshot": "monday"},
        "branch": {"operation": "snap-copy", "name": "copy-#", "snapshot": "monday"},
        "restore": {"operation": "restore-snapshot", "name": "monday", "volume": "gold"},
        "drop": {"operation": "delete-snapshot", "name": "monday"},
        "promote": {"operation": "promote-volume", "name": "copy"},
        "drop-copy": {"operation": "delete-volume", "name": "copy"},
        "all": {"operation": "create-group-snapshot", "name": "all-#", "group": "set"},
        "leave": {"operation": "remove-from-group", "name": "set", "members": ["gold"]},
        "disband": {"operation": "delete-group", "name": "set"},
        "backup": {"operation": "backup", "group": "set", **_ON},
        **_some("gold", "migrate delete"),
    },
    COPY: {
        **_some("copy", "snapshot snap-copy clone rename mark attach backup migrate delete"),
        "promote": {"operation": "promote-volume", "name": "copy"},
        "cross": {"operation": "promote-volume", "name": "copy", "host": HOST},
        "detach": {"operation": "detach-volume", "volumes": ["copy"], "host": "host"},
        "source": {"operation": "delete-volume", "name": "gold"},
        "extend": {"operation": "extend-volume", "name": "copy", "size_gb": "1#"},
    },
    GROUP: {
        "all": {"operation": "create-group-snapshot", "name": "all-#", "group": "set"},
        "drop": {"operation": "delete-group-snapshot", "name": "noon"},
        "clones": {"operation": "clone-group", "snapshot": "noon", "names": "{member}-#"},
        "add": {"operation": "add-to-group", "name": "set", "members": ["iron"]},
        "leave": {"operation": "remove-from-group", "name": "set", "members": ["gold"]},
        "disband": {"operation": "delete-group", "name": "set"},
        "backup": {"operation": "backup", "group": "set", **_ON},
        **_some("gold", "extend rename delete"),
    },
    SEEN: {
        "detach": {"operation": "detach-volume", "volumes": ["plain"], "host": "host"},
        "other": {"operation": "attach-volume", "volumes": ["plain"], "host": "else", "mode": "ro"},
        **_some("plain", "snapshot clone extend rename let-go migrate group backup mark delete onto"),
    },
}

STANDS: Final[dict[str, tuple[str, ...]]] = {
    PLAIN: ("{name}: {size} GB full: {content}", "{name} lies {kind} in {pool}, {mark}"),
    RICH: (
        *("{name}: {size} GB full: {content}", "{name} lies {kind} in {pool}, {mark}"),
        *("snapshot monday of {name}: ore @monday", "group set: {name} @group"),
        *("copy: 2 GB snap copy of {name}: mud @copy", "copy lies thin in pool, rw @copy"),
        "snapshot hidden of {name}: mud @copy",
    ),
    COPY: (
        *("gold: 2 GB full: ore", "gold lies thin in pool, unmarked"),
        *("{name}: 2 GB {sort}: {content} @copy", "{name} lies {kind} in {pool}, {mark} @copy"),
        "snapshot hidden of gold: {content} @copy @hidden",
    ),
    GROUP: (
        *("{name}: {size} GB full: {content}", "{name} lies {kind} in {pool}, {mark}"),
        *("iron: 2 GB full: rust", "iron lies thin in pool, unmarked", "lead: 2 GB full: grey"),
        *("lead lies thin in pool, unmarked", "snapshot noon of {name}, lead: ore, grey @noon"),
        "group set: {first}lead{last} @group",
    ),
    SEEN: (
        *("{name}: {size} GB full: {content}", "{name} lies {kind} in {pool}, {mark}"),
        "host sees {name}: shown @seen",
    ),
}
"""What stands before. What is in braces is what it is in the end; what follows an @ marks lines that go together."""

_COMMON: Final = {"size": "2", "content": "ore", "kind": "thin", "pool": "pool", "mark": "unmarked", "root": "{name}"}
IS: Final[dict[str, dict[str, str]]] = {
    PLAIN: {**_COMMON, "name": "plain"},
    RICH: {**_COMMON, "name": "gold", "content": "mud"},
    COPY: {**_COMMON, "name": "copy", "mark": "rw", "sort": "snap copy of gold", "root": "gold"},
    GROUP: {**_COMMON, "name": "gold", "first": "{name}, ", "last": "", "its": "ore, ", "also": ""},
    SEEN: {**_COMMON, "name": "plain", "mark": "ro"},
}
_FULL: Final = ("-@hidden", "sort=full", "root={name}")
_ALL: Final[dict[str, tuple[str, ...]]] = {
    "snapshot": ("+snapshot image-# of <root>: <content>",),
    "snap-copy": (
        "+copy-#: <size> GB snap copy of <root>: <content>",
        *("+copy-# lies thin in <pool>, rw", "+snapshot hidden of <root>: <content>"),
    ),
    "clone": ("+twin-#: <size> GB full: <content>", "+twin-# lies <kind> in <pool>, rw"),
    "extend": ("size=1#",),
    "rename": ("name=name-#",),
    "mark": ("mark=ro",),
    "let-go": ("mark=unmarked",),
    "adopt": ("name=adopted-#", "mark=rw"),
    "migrate": ("pool=other",),
    "retype": ("kind=thick",),
    "delete": ("-{name}",),
    "group": ("+group group-#: {name}",),
    "attach": ("+host sees {name}: shown @seen",),
    "backup": ("+backup: <content>",),
    "onto": ("content=rust",),
}
DOES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    PLAIN: _ALL,
    RICH: _ALL
    | {
        "copy": ("+snapshot image-# of {name}: ore",),
        "branch": (
            *("+copy-#: <size> GB snap copy of {name}: ore", "+copy-# lies thin in <pool>, rw"),
            "+snapshot hidden of {name}: ore",
        ),
        "restore": ("+snapshot before of {name}: <content>", "content=ore"),
        "drop": ("-@monday",),
        "promote": ("-@copy", "+copy: 2 GB full: mud @copy", "+copy lies thin in pool, rw @copy"),
        "drop-copy": ("-@copy",),
        "all": ("+snapshot all-# of {name}: <content>",),
        "leave": ("-@group", "+group set:  @group"),
        "disband": ("-@group",),
    },
    COPY: _ALL
    | {
        "delete": ("-@copy",),
        "promote": _FULL,
        "migrate": (*_FULL, "pool=other"),
        "cross": _FULL,
        "detach": ("-@seen",),
    },
    GROUP: _ALL
    | {
        "add": ("last=, iron", "also=, rust"),
        "leave": ("first=", "its="),
        "all": ("+snapshot all-# of <first>lead<last>: <its>grey<also>",),
        "drop": ("-@noon",),
        "clones": (
            *("+gold-#: <size> GB full: ore", "+gold-# lies thin in pool, rw"),
            *("+lead-#: 2 GB full: grey", "+lead-# lies thin in pool, rw"),
        ),
        "clones in part": ("+lead-#: 2 GB full: grey", "+lead-# lies thin in pool, rw"),
        "disband": ("-@group",),
        "backup": ("+backup: <its>grey<also>",),
    },
    SEEN: _ALL | {"detach": ("-@seen",), "other": ("+else sees {name}: shown",)},
}
"""What each request does once its turn has come. What is in angle brackets is what it is just then."""


def after(what: str, done: Sequence[tuple[str, int]]) -> list[str]:
    """Return what stands when requests, by word and number, were carried out one after the other."""
    lines, now = list(STANDS[what]), dict(IS[what])
    for word, number in done:
        for change in DOES[what][word]:
            text = change.replace("#", str(number))
            for name, value in now.items():
                text = text.replace(f"<{name}>", value)
            if text.startswith("+"):
                lines += _each(text[1:])
            elif text.startswith("-"):
                lines = [line for line in lines if not (line.startswith(text[1:]) or text[1:] in line.split())]
            else:
                name, _, value = text.partition("=")
                now[name] = value
    return sorted(_told(line, now) for line in lines)


def _each(line: str) -> list[str]:
    """Return a line for each volume that was backed up at one time, or the line itself."""
    what, _, contents = line.partition(": ")
    return [f"{what}: {one}" for one in contents.split(", ")] if what == "backup" else [line]


def _told(line: str, now: dict[str, str]) -> str:
    """Return a line with what is so in the end; what is so of one thing may be told by another."""
    text = line.partition(" @")[0]
    while "{" in text:
        text = text.format(**now)
    return text
