"""What stands below a name where it is declared: the sentences that pages of reference repeat."""

import ast
import inspect
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import ModuleType


def said_in(module: ModuleType, of_class: str | None = None) -> dict[str, str]:
    """Return the sentences below the names of a module, or of one of its classes, each in one line."""
    body: Sequence[ast.stmt] = ast.parse(inspect.getsource(module)).body
    if of_class is not None:
        (body,) = [one.body for one in body if isinstance(one, ast.ClassDef) and one.name == of_class]
    return dict(_said(body))


def _said(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for line, below in pairwise(body):
        match line, below:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
            case _:
                pass
