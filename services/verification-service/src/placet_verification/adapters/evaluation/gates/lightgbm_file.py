"""The gate of LightGBM files: the text of `save_model`.

LightGBM's loader reads as many numbers as a tree says it has leaves, and follows them. So, on the text:

1. the size of the file, 2. it is text, and nothing else besides, 3. header, trees and tail stand where they should, with the fields that
LightGBM writes, each once, 4. an objective whose output has a meaning here, for the number of classes of the header, 5. trees with one
value a leaf, 6. each tree is one, has as many numbers as it says, and asks for features and categories that there are, 7. the number
of nodes.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.gates.boosted_trees import Integers, refuse_file, refuse_no_tree, within
from placet_verification.adapters.evaluation.gates.lightgbm_text import Fields, parts_of
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["MULTICLASS", "PROBABILITY", "VALUE", "refuse_unsafe"]

PROBABILITY = frozenset({"binary"})
MULTICLASS = frozenset({"multiclass", "multiclassova"})
VALUE = frozenset(
    {"regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie", "cross_entropy"}
)  # fmt: skip

_NUMBER = r"-?[0-9]{1,10}"
_DECIMAL = r"-?([0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?|inf|nan)"
_NUMBERS, _DECIMALS = (re.compile(rf"({one})( ({one}))*") for one in (_NUMBER, _DECIMAL))
_OPTION = re.compile(r"[a-z_]+(:-?[0-9.e+-]{1,30})?")
_OF_AN_INNER_NODE = ("split_feature", "decision_type", "left_child", "right_child")
_STATISTICS = ("split_gain", "internal_value", "internal_weight", "internal_count")
_STATISTICS_OF_A_LEAF = ("leaf_weight", "leaf_count")
_IS_CATEGORICAL = 1
_DECISION_TYPES = 12
"""Two bits, and above them one of three ways to treat missing values."""


def refuse_unsafe(raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file keeps the plan's `artifact` rules."""
    refuse_file(raw, rules)  # 1, 2
    header, trees = parts_of(raw)  # 2, 3
    features = _features(header)
    groups = _groups(header)  # 4
    if len(trees) % groups:
        raise Refused("tree_malformed", found=f"{len(trees)} trees for {groups} classes")
    nodes = 0
    for number, tree in enumerate(trees):
        nodes += _nodes_of(tree, number, features)  # 5, 6
        if nodes > rules["max_nodes"]:  # 7
            raise Refused("too_many_nodes", nodes=nodes, allowed=rules["max_nodes"])


def _features(header: Fields) -> int:
    features = _one(header, "max_feature_idx") + 1
    named = ("feature_names", "feature_infos", "monotone_constraints")
    if features < 1 or any(len(header[name].split(" ")) != features for name in named if name in header):
        raise Refused("tree_malformed", found=f"names or descriptions of other than {features} features")
    _one(header, "label_index")
    return features


def _groups(header: Fields) -> int:
    """Trees of an iteration: one a class, or a single one."""
    name, *options = header.get("objective", "").split(" ")
    if name not in PROBABILITY | MULTICLASS | VALUE or not all(_OPTION.fullmatch(option) for option in options):
        raise Refused("objective_not_supported", objective=header.get("objective", ""))
    groups, classes = _one(header, "num_tree_per_iteration"), _one(header, "num_class")
    told = [option for option in options if option.startswith("num_class")]
    expected = [f"num_class:{classes}"] if name in MULTICLASS else []
    # the transformation into probabilities takes the objective's number of classes for the length of a row
    if told != expected or groups != classes or (classes < 2 if name in MULTICLASS else classes != 1):
        raise Refused("tree_malformed", found=f"{classes} classes and {groups} trees an iteration for {header['objective']}")
    return groups


def _nodes_of(tree: Fields, number: int, features: int) -> int:
    """The number of the tree's nodes, leaves included."""
    leaves, categories = _one(tree, "num_leaves"), _one(tree, "num_cat")
    if _one(tree, "is_linear", 0):
        raise Refused("part_not_supported", part="linear trees")
    inner = leaves - 1
    if leaves < 1 or categories < 0 or len(_decimals(tree, "leaf_value")) != leaves or len(_decimals(tree, "shrinkage", "1")) != 1:
        raise Refused("tree_malformed", tree=number, found=f"{leaves} leaves and other values")
    for names, expected in ((_STATISTICS, inner), (_STATISTICS_OF_A_LEAF, leaves)):
        if any(len(_decimals(tree, name)) not in {expected, 0 if inner == 0 else expected} for name in names if name in tree):
            raise Refused("tree_malformed", tree=number, found="statistics of other nodes")
    thresholds = _decimals(tree, "threshold")
    asked, decisions, left, right = (_integers(tree, name) for name in _OF_AN_INNER_NODE)
    if {len(one) for one in (thresholds, asked, decisions, left, right)} != {inner}:
        raise Refused("tree_malformed", tree=number, found=f"{leaves} leaves and other inner nodes")
    if not within(asked, 0, features) or not within(decisions, 0, _DECISION_TYPES):
        raise Refused("tree_malformed", tree=number, found="a split by a feature that there is not, or of no known kind")
    children = np.concatenate([left, right])
    if inner:  # below 0 are leaves, counted from -1
        refuse_no_tree(np.where(children < 0, inner - 1 - children, children), inner + leaves, number)
    _refuse_other_categories(tree, number, categories, thresholds, (decisions & _IS_CATEGORICAL).astype(bool))
    return inner + leaves


def _refuse_other_categories(tree: Fields, number: int, sets: int, thresholds: Sequence[float], categorical: Any) -> None:
    """A split by categories has a set of them, which is a part of one list of bits, by its number as the threshold."""
    chosen = np.array(thresholds)[categorical]
    ends, bits = (_integers(tree, name) if sets else np.zeros(0, dtype=np.int64) for name in ("cat_boundaries", "cat_threshold"))
    sound = not len(chosen) if not sets else len(ends) == sets + 1 and ends[0] == 0 and ends[-1] == len(bits) and (np.diff(ends) > 0).all()
    if not sound or not all(value in range(sets) for value in chosen.tolist()) or not within(bits, 0, 2**32):
        raise Refused("tree_malformed", tree=number, found="a split by categories that there are not")


def _one(fields: Fields, name: str, otherwise: int | None = None) -> int:
    found = _integers(fields, name, None if otherwise is None else str(otherwise))
    if len(found) != 1:
        raise Refused("not_lightgbm", missing=name)
    return int(found[0])


def _integers(fields: Fields, name: str, otherwise: str | None = None) -> Integers:
    return np.array([int(one) for one in _texts(fields, name, _NUMBERS, otherwise)], dtype=np.int64)


def _decimals(fields: Fields, name: str, otherwise: str | None = None) -> list[float]:
    return [float(one) for one in _texts(fields, name, _DECIMALS, otherwise)]


def _texts(fields: Fields, name: str, form: re.Pattern[str], otherwise: str | None) -> Collection[str]:
    text = fields.get(name, otherwise)
    if text is None or (text and not form.fullmatch(text)):
        raise Refused("not_lightgbm", missing=name)
    return text.split(" ") if text else []
