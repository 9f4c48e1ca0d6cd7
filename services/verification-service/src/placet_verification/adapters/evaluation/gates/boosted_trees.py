"""What gates of boosted trees share: whether the nodes of a tree are a tree.

The engines follow the numbers of children without a look at them: one out of range reads foreign memory, one that leads back never ends.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from placet_verification.adapters.evaluation.gates.other_formats import other_format
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["Integers", "refuse_file", "refuse_no_tree", "within"]

Integers = NDArray[np.int64]


def refuse_file(raw: bytes, rules: Any) -> None:
    """Raise `Refused` for a file that is too large or another format's too."""
    if len(raw) > rules["max_bytes"]:
        raise Refused("artifact_too_large", bytes=len(raw), allowed=rules["max_bytes"])
    if other := other_format(raw):
        raise Refused("two_formats", other=other)


def refuse_no_tree(children: Integers, nodes: int, tree: int) -> None:
    """Raise `Refused` unless `children`, of all inner nodes, are nodes other than the root, and none has two parents.

    So no way from the root, which is node 0, comes to a node twice: the second one to lead there would be another parent of it, or of a
    node before.
    """
    if not within(children, 1, nodes):
        raise Refused("tree_malformed", tree=tree, found="a child that is no node of the tree")
    if len(np.unique(children)) != len(children):
        raise Refused("tree_malformed", tree=tree, found="a node with two parents")


def within(values: Integers, low: int, high: int) -> bool:
    """Whether all are from `low` to below `high`."""
    return not len(values) or bool(values.min() >= low and values.max() < high)
