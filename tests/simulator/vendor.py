"""storops, the client that drives real arrays: its parsers judge the simulator's listings."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # storops imports `pipes` and has invalid escapes, both deprecated in Python 3.11
    from storops import VNXSystem
    from storops import exception as storops_errors
    from storops.vnx.parsers import get_vnx_parser

__all__ = ["VNXSystem", "rows", "storops_errors"]


def rows(parser: str, text: str) -> list[Any]:
    """Read a listing as storops does."""
    return list(get_vnx_parser(parser).parse_all(text))
