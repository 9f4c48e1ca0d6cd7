"""Upcasts events of older schema versions to the next version, in memory."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["UPCASTERS"]

Fields = dict[str, Any]


def _lineage_added(fields: Fields) -> Fields:
    """Version 1 added people alone."""
    return {**fields, "data": []}


UPCASTERS: Mapping[tuple[str, int], Callable[[Fields], Fields]] = {("LineageAdded", 1): _lineage_added}
