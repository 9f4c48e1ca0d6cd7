"""The parts of a LightGBM file: header, trees by the sizes that the header gives, and a tail that nothing computes with."""

import json
from collections.abc import Callable, Iterator, Sequence

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["HEADER_FIELDS", "TREE_FIELDS", "Fields", "parts_of"]

Fields = dict[str, str]

HEADER_FIELDS = frozenset(
    {
        "version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective", "average_output", "feature_names",
        "monotone_constraints", "feature_infos", "tree_sizes",
    }
)  # fmt: skip
TREE_FIELDS = frozenset(
    {
        "num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child", "leaf_value",
        "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count", "cat_boundaries", "cat_threshold", "is_linear",
        "shrinkage",
    }
)  # fmt: skip
_WITH_EQUALS = frozenset({"feature_names"})
_CATEGORIES = "pandas_categorical:"


def parts_of(raw: bytes) -> tuple[Fields, Sequence[Fields]]:
    """The header and the trees; raises `Refused`."""
    _refuse_no_text(raw)
    head, separator, rest = raw.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    if first != "tree" or not separator:
        raise Refused("not_lightgbm")
    header = _fields(lines, HEADER_FIELDS)
    trees: list[Fields] = []
    place = 0
    for size in _sizes(header):
        block = rest[place : place + size].decode()
        begin = f"Tree={len(trees)}\n"
        if not block.startswith(begin) or not block.endswith("\n\n\n"):
            raise Refused("not_lightgbm", missing=f"tree {len(trees)} where the header says that it is")
        trees.append(_fields(block[len(begin) : -3].split("\n"), TREE_FIELDS))
        place += size
    _refuse_other_tail(rest[place:].decode().split("\n"))
    return header, trees


def _refuse_no_text(raw: bytes) -> None:
    """The loader ends at the first null, and takes a carriage return for the end of a line."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not_lightgbm") from error
    if b"\0" in raw or b"\r" in raw:
        raise Refused("not_lightgbm", found="a null or a carriage return")


def _sizes(header: Fields) -> Iterator[int]:
    for size in header.get("tree_sizes", "").split(" "):
        if not size.isascii() or not size.isdigit() or len(size) > 10:
            raise Refused("not_lightgbm", missing="tree_sizes")
        yield int(size)


def _fields(lines: Sequence[str], known: frozenset[str]) -> Fields:
    found: Fields = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if name not in known or ("=" in value and name not in _WITH_EQUALS):
            raise Refused("unknown_fields", field=name)
        if name in found or (not equals and name != "average_output"):
            raise Refused("not_lightgbm", found=f"{name} twice, or without a value")
        found[name] = value
    return found


def _refuse_other_tail(lines: list[str]) -> None:
    """Importances, the parameters of the training, and categories of a data frame, each at most once and in this order."""
    if lines[:1] != ["end of trees"]:
        raise Refused("not_lightgbm", missing="the end of the trees")
    rest = lines[1:]
    if rest[1:2] in (["feature_importances:"], ["feature importances:"]):
        end = rest.index("", 2) if "" in rest[2:] else len(rest)
        rest = _after(rest, end, lambda line: "=" in line)
    if rest[1:2] == ["parameters:"]:
        if "end of parameters" not in rest:
            raise Refused("not_lightgbm", missing="the end of the parameters")
        if any(line.startswith("[linear_tree:") and line != "[linear_tree: 0]" for line in rest):
            raise Refused("part_not_supported", part="linear trees")
        end = rest.index("end of parameters")
        rest = _after(rest, end, lambda line: not line or (line[0], line[-1]) == ("[", "]"))[1:]
    if rest[1:2] and rest[1].startswith(_CATEGORIES):
        _refuse_categories(rest[1].removeprefix(_CATEGORIES))
        rest = rest[:1] + rest[2:]
    if any(rest):
        raise Refused("unknown_fields", field=next(line for line in rest if line))


def _after(lines: list[str], end: int, is_expected: Callable[[str], bool]) -> list[str]:
    """What follows a section, which begins with an empty line and its title."""
    if strange := [line for line in lines[2:end] if not is_expected(line)] + [line for line in lines[:1] if line]:
        raise Refused("unknown_fields", field=strange[0])
    return lines[end:]


def _refuse_categories(text: str) -> None:
    """Their codes are those of a data frame, which a plan's columns are not."""
    try:
        categories = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("not_lightgbm", missing=_CATEGORIES) from error
    if categories not in (None, []):
        raise Refused("part_not_supported", part="categories of a data frame")
