"""Frozen records for the way of a command.

`dataclasses` costs some 20 ms of processor time to import, half of what a command may use. Type checkers see a frozen
dataclass here; at run time a few lines do the same.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True)
    def record(cls: type[T]) -> type[T]:
        """Make `cls` a frozen record of its annotated fields."""
        return cls

else:
    # ruff: noqa: ANN001, ANN002, ANN003, ANN201, ANN202, N807, ARG001 - type checkers read the branch above
    def record(cls):
        """Make `cls` a frozen record of its annotated fields."""
        names = tuple(cls.__annotations__)
        defaults = {name: getattr(cls, name) for name in names if name in cls.__dict__}

        def __init__(self, *values, **named):
            if not named and len(values) == len(names):  # the way of rows
                self.__dict__.update(zip(names, values, strict=True))
                return
            given = {**defaults, **dict(zip(names, values, strict=False)), **named}
            if len(values) > len(names) or len(given) != len(names) or not all(name in given for name in names):
                raise TypeError(f"{cls.__name__} takes {', '.join(names)}; got {len(values)} and {', '.join(named)}")
            self.__dict__.update(given)

        def __setattr__(self, name, value):
            raise AttributeError(f"{cls.__name__}.{name} is frozen")

        def __eq__(self, other):
            return self.__class__ is other.__class__ and self.__dict__ == other.__dict__

        def __hash__(self):
            return hash(tuple(self.__dict__[name] for name in names))

        def __repr__(self):
            return f"{cls.__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in names)})"

        for method in (__init__, __setattr__, __eq__, __hash__, __repr__):
            setattr(cls, method.__name__, method)
        return cls
