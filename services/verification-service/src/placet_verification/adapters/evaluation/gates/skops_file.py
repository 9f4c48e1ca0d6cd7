"""The gate of skops files: a ZIP with a description of objects in JSON, and their arrays.

skops imports and makes what the description names, so every name in it is looked at before skops is asked:

1. the size of the file, 2. it is a ZIP of plain files and nothing else besides, unpacked within the plan's `max_initializer_bytes`, 3. the
description is JSON, 4. each node of it is of a known kind, none of which calls a function that the file names, 5. each type is allowed: by
the list here or by the plan's `allow_types`, 6. the number of nodes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from placet_verification.adapters.evaluation.gates.other_formats import other_format
from placet_verification.adapters.evaluation.gates.skops_types import ALWAYS_ALLOWED
from placet_verification.adapters.evaluation.gates.strict_json import read_json
from placet_verification.adapters.evaluation.gates.zip_file import TooLarge, read_zip
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["allowed_types", "refuse_unsafe"]

_LOADERS = frozenset(
    {
        "CachedNode", "DTypeNode", "DictNode", "JsonNode", "ListNode", "LossNode", "MaskedArrayNode", "NdArrayNode", "ObjectNode",
        "RandomStateNode", "SetNode", "SliceNode", "TreeNode", "TupleNode", "TypeNode",
    }
)  # fmt: skip
_OF_A_NODE = ("__class__", "__module__", "__loader__")
_TOLD = 20


def refuse_unsafe(raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file keeps the plan's `artifact` rules."""
    if len(raw) > rules["max_bytes"]:  # 1
        raise Refused("artifact_too_large", bytes=len(raw), allowed=rules["max_bytes"])
    if other := other_format(raw, besides="ZIP"):  # 2
        raise Refused("two_formats", other=other)
    schema = _schema(raw, rules["max_initializer_bytes"])  # 2, 3
    allowed = allowed_types(rules)
    strange: set[str] = set()
    for count, node in enumerate(_nodes(schema), start=1):
        if count > rules["max_nodes"]:  # 6
            raise Refused("too_many_nodes", nodes=count, allowed=rules["max_nodes"])
        loader = node["__loader__"]
        if loader not in _LOADERS:  # 4
            raise Refused("part_not_supported", part=loader)
        name = f"{node['__module__']}.{node['__class__']}"
        if loader != "JsonNode" and name not in allowed:  # 5
            strange.add(name)
    if strange:
        raise Refused("type_not_allowed", types=[name[:200] for name in sorted(strange)[:_TOLD]])


def allowed_types(rules: Mapping[str, Any]) -> frozenset[str]:
    """Those of the list and those of the plan."""
    return ALWAYS_ALLOWED | set(rules.get("allow_types", ()))


def _schema(raw: bytes, limit: int) -> dict[str, Any]:
    try:
        files = read_zip(raw, limit)
        schema = read_json(files["schema.json"])
    except TooLarge as error:
        raise Refused("initializers_too_large", bytes=str(error), allowed=limit) from error
    except KeyError as error:
        raise Refused("not_skops", missing="schema.json") from error
    except ValueError as error:
        raise Refused("not_skops", found=str(error)) from error
    if not isinstance(schema, dict):
        raise Refused("not_skops", missing="an object in schema.json")
    return schema


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every object that says of which type it is, wherever it stands."""
    waiting: list[Any] = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            if any(name in value for name in _OF_A_NODE):
                if not all(isinstance(value.get(name), str) for name in _OF_A_NODE):
                    raise Refused("not_skops", found="an object that does not say what it is")
                yield value
