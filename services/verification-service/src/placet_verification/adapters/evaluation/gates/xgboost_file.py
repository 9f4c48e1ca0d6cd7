"""The gate of XGBoost files, JSON and UBJ, of the model alone (`save_model`).

XGBoost's loader checks lengths of arrays and trusts what is in them. So, on the parsed document:

1. the size of the file, 2. it is well-formed throughout, and nothing else besides, 3. it has the fields that XGBoost writes and no
others, 4. an objective whose output has a meaning here, for the number of classes that the learner has, 5. boosted trees of numeric
splits with one value a leaf, 6. each tree is one, and asks for features that there are, 7. trees, groups and iterations fit together,
8. the number of nodes.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation.gates.boosted_trees import Integers, refuse_file, refuse_no_tree, within
from placet_verification.adapters.evaluation.gates.strict_json import read_json
from placet_verification.adapters.evaluation.gates.ubjson import read_ubjson
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["MULTICLASS", "PROBABILITY", "VALUE", "refuse_unsafe"]

PROBABILITY = frozenset({"binary:logistic"})
MULTICLASS = frozenset({"multi:softprob", "multi:softmax"})
VALUE = frozenset(
    {
        "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:logistic", "reg:pseudohubererror", "reg:absoluteerror",
        "reg:quantileerror", "reg:gamma", "reg:tweedie", "count:poisson",
    }
)  # fmt: skip

_NUMBER = re.compile(r"[0-9]{1,9}")
_INTERCEPT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_OF_A_NODE = {"left_children", "right_children", "parents", "split_indices", "split_conditions", "default_left"}
_STATISTICS = {"base_weights", "loss_changes", "sum_hessian"}
_CATEGORIES = {"categories", "categories_nodes", "categories_segments", "categories_sizes"}
_DELETED = 2**31 - 1
"""What stands in place of a feature in nodes that pruning has taken out."""


def refuse_unsafe(raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file keeps the plan's `artifact` rules."""
    refuse_file(raw, rules)  # 1, 2
    top = _fields(_parsed(raw), "", {"learner", "version"})  # 2, 3
    optional = {"feature_names", "feature_types"}
    learner = _fields(top["learner"], "learner", {"attributes", "gradient_booster", "learner_model_param", "objective"}, optional)
    _texts(learner["attributes"], "attributes")
    features, groups = _shape_of(learner)  # 4
    model, drops = _booster(learner["gradient_booster"])  # 5
    _refuse_categories(learner, model, features)  # 5
    trees = _list(model["trees"], "trees")
    nodes = 0
    for number, tree in enumerate(trees):
        nodes += _nodes_of(tree, number, features)  # 6
        if nodes > rules["max_nodes"]:  # 8
            raise Refused("too_many_nodes", nodes=nodes, allowed=rules["max_nodes"])
    _refuse_other_sums(model, len(trees), groups, drops)  # 7


def _parsed(raw: bytes) -> Any:
    """As XGBoost guesses: after the first brace a quotation mark begins JSON, a letter UBJ."""
    if raw[:1] != b"{":
        raise Refused("not_xgboost")
    try:
        return read_ubjson(raw) if raw[1:2] == b"L" else read_json(raw)
    except ValueError as error:
        raise Refused("not_xgboost", found=str(error)) from error


def _shape_of(learner: Mapping[str, Any]) -> tuple[int, int]:
    """The number of features, and of groups of trees: one a class, or a single one."""
    optional = {"num_target", "boost_from_average"}
    said = _texts(_fields(learner["learner_model_param"], "learner_model_param", {"base_score", "num_class", "num_feature"}, optional), "…")
    objective = _fields(learner["objective"], "objective", {"name"}, None)
    name = str(objective.pop("name"))
    if name not in PROBABILITY | MULTICLASS | VALUE:
        raise Refused("objective_not_supported", objective=name)
    parameters = {key: value for part in objective.values() for key, value in _texts(part, "objective").items()}
    classes = _number(said["num_class"])
    groups = classes if name in MULTICLASS else 1
    if _number(said.get("num_target", "1")) != 1 or len(_intercepts(parameters.get("quantile_alpha", "0"))) != 1:
        raise Refused("part_not_supported", part="several targets")
    # the transformation into probabilities takes the objective's number of classes for the length of a row
    fit = classes >= 2 and _number(parameters.get("num_class", "")) == classes if name in MULTICLASS else classes <= 1
    if not fit or len(_intercepts(said["base_score"])) not in (1, groups):
        raise Refused("tree_malformed", found=f"{classes} classes for {name}")
    return _number(said["num_feature"]), groups


def _booster(value: Any) -> tuple[dict[str, Any], Any]:
    """The model of gbtree, which dart has inside, and dart's weights of trees."""
    booster = _fields(value, "gradient_booster", {"name"}, None)
    drops = None
    if booster["name"] == "dart":
        outer = _fields(value, "gradient_booster", {"name", "gbtree", "weight_drop"})
        drops, booster = outer["weight_drop"], outer["gbtree"]
    elif booster["name"] != "gbtree":
        raise Refused("part_not_supported", part=f"booster {booster['name']}")
    inner = _fields(booster, "gbtree", {"name", "model"})
    if inner["name"] != "gbtree":
        raise Refused("part_not_supported", part=f"booster {inner['name']}")
    required = {"gbtree_model_param", "trees", "tree_info"}
    model = _fields(inner["model"], "model", required, {"iteration_indptr", "cats", "weight_drop"})
    return model, model.get("weight_drop") if drops is None else drops


def _refuse_categories(learner: Mapping[str, Any], model: Mapping[str, Any], features: int) -> None:
    names, types = (_list(learner.get(key, []), key) for key in ("feature_names", "feature_types"))
    if any(len(given) not in (0, features) or not all(isinstance(one, str) for one in given) for given in (names, types)):
        raise Refused("tree_malformed", found=f"names or types of other than {features} features")
    cats = _fields(model.get("cats", {}), "cats", set(), {"enc", "feature_segments", "sorted_idx"})
    if "c" in types or any(len(_list(part, "cats")) for part in cats.values()):
        raise Refused("part_not_supported", part="categorical splits")


def _nodes_of(value: Any, number: int, features: int) -> int:
    """The number of the tree's nodes."""
    tree = _fields(value, "tree", {"id", "tree_param"} | _OF_A_NODE | _STATISTICS, {"split_type"} | _CATEGORIES)
    sizes = _fields(tree["tree_param"], "tree_param", {"num_nodes", "num_feature", "num_deleted", "size_leaf_vector"})
    nodes, of = _number(sizes["num_nodes"]), _number(sizes["num_feature"])
    if _number(sizes["size_leaf_vector"]) > 1:
        raise Refused("part_not_supported", part="several values a leaf")
    split_types = _integers(tree["split_type"], "split_type") if "split_type" in tree else np.zeros(nodes, dtype=np.int64)
    if split_types.any() or any(len(_list(tree.get(part, []), part)) for part in _CATEGORIES):
        raise Refused("part_not_supported", part="categorical splits")
    lengths = {len(_list(tree[name], name)) for name in _OF_A_NODE | _STATISTICS} | {len(split_types)}
    if nodes < 1 or lengths != {nodes} or of != features or _integers([tree["id"]], "id")[0] != number:
        raise Refused("tree_malformed", tree=number, found=f"{nodes} nodes, {of} features, arrays of {sorted(lengths)}")
    left, right, parents, asked, to_left = (
        _integers(tree[name], name) for name in ("left_children", "right_children", "parents", "split_indices", "default_left")
    )
    for name in ("split_conditions", *_STATISTICS):
        _floats(tree[name], name)
    inner = left != -1
    if not np.array_equal(inner, right != -1) or not within(parents[1:], 0, nodes) or not within(to_left, 0, 2):
        raise Refused("tree_malformed", tree=number, found="a node with one child, or without a parent")
    refuse_no_tree(np.concatenate([left[inner], right[inner]]), nodes, number)
    if not within(asked[inner], 0, features) or not within(asked[~inner & (asked != _DELETED)], 0, max(1, features)):
        raise Refused("tree_malformed", tree=number, found="a split by a feature that there is not")
    return nodes


def _refuse_other_sums(model: Mapping[str, Any], trees: int, groups: int, drops: Any) -> None:
    sizes = _fields(model["gbtree_model_param"], "gbtree_model_param", {"num_trees", "num_parallel_tree"}, {"size_leaf_vector"})
    of_groups = _integers(model["tree_info"], "tree_info")
    starts = _integers(model.get("iteration_indptr", [0, trees]), "iteration_indptr")
    sound = (
        _number(sizes["num_trees"]) == len(of_groups) == trees >= 1
        and 1 <= _number(sizes["num_parallel_tree"]) <= trees
        and _number(sizes.get("size_leaf_vector", "0")) <= 1
        and within(of_groups, 0, groups)
        and len(starts) >= 1
        and (starts[0], starts[-1]) == (0, trees)
        and bool((np.diff(starts) >= 0).all())
        and (drops is None or len(_floats(drops, "weight_drop")) == trees)
    )
    if not sound:
        raise Refused("tree_malformed", found="numbers of trees, groups and iterations that contradict each other")


def _fields(value: Any, where: str, required: set[str], optional: Collection[str] | None = ()) -> dict[str, Any]:
    """An object that has these fields and no others; with `optional` None, one more that is an object."""
    if not isinstance(value, dict) or (missing := sorted(required - value.keys())):
        raise Refused("not_xgboost", missing=f"{where}.{missing[0]}" if isinstance(value, dict) else where)
    unknown = sorted(value.keys() - required - set(optional or ()))
    if unknown and optional is not None:
        raise Refused("unknown_fields", field=f"{where}.{unknown[0]}")
    return dict(value)


def _texts(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise Refused("not_xgboost", missing=f"texts in {where}")
    return value


def _list(value: Any, where: str) -> Any:
    if not isinstance(value, list | np.ndarray):
        raise Refused("not_xgboost", missing=where)
    return value


def _number(text: Any) -> int:
    """XGBoost writes numbers of parameters as texts."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise Refused("not_xgboost", found=f"{text!s} as a number")
    return int(text)


def _intercepts(text: str) -> list[str]:
    """One number, or several in brackets."""
    found = text[1:-1].split(",") if text[:1] == "[" and text[-1:] == "]" else [text]
    if not all(_INTERCEPT.fullmatch(one) for one in found):
        raise Refused("not_xgboost", found=f"{text} as numbers")
    return found


def _integers(value: Any, where: str) -> Integers:
    array = value if isinstance(value, np.ndarray) else _of_types(value, where, {int, bool})
    if array.dtype.kind not in "iu":
        raise Refused("not_xgboost", missing=f"whole numbers in {where}")
    return array.astype(np.int64)


def _floats(value: Any, where: str) -> Any:
    array = value if isinstance(value, np.ndarray) else _of_types(value, where, {float, int})
    if array.dtype.kind != "f":
        raise Refused("not_xgboost", missing=f"numbers in {where}")
    return array


def _of_types(value: Any, where: str, types: set[type]) -> Any:
    if not set(map(type, _list(value, where))) <= types:
        raise Refused("not_xgboost", missing=f"numbers in {where}")
    try:
        return np.array(value, dtype=np.float64 if float in types else np.int64)
    except OverflowError as error:
        raise Refused("not_xgboost", missing=f"numbers in {where}") from error
