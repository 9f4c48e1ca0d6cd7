"""Whether a model has the inputs and outputs that were declared when it was registered: names, types and fixed lengths."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.session import ENGINE_TYPES, Session, by_name

__all__ = ["hold_against"]


def hold_against(declared: Mapping[str, Any], session: Session) -> None:
    """Raises `Refused` with the first difference."""
    for what, found in (("inputs", session.inputs), ("outputs", session.outputs)):
        columns = declared[what]
        arguments = by_name(found, [column["name"] for column in columns])
        if columns and {column["name"] for column in columns} != arguments.keys():
            names = ", ".join(column["name"] for column in columns)
            raise Refused("signature_mismatch", what=what, expected=names, found=", ".join(arguments))
        for column in columns:
            argument = arguments[column["name"]]
            if not (_same_type(column["type"], argument.types) and _same_shape(column["shape"], argument.shape)):
                expected, got = f"{column['type']} {column['shape']}", f"{' or '.join(argument.types)} {argument.shape}"
                raise Refused("signature_mismatch", what=what, name=column["name"], expected=expected, found=got)


def _same_type(declared: str, found: Sequence[str]) -> bool:
    """`float`, `float32` and `tensor(float)` say the same."""
    plain = declared.removeprefix("tensor(").removesuffix(")")
    return declared in found or f"tensor({ENGINE_TYPES.get(plain, plain)})" in found


def _same_shape(declared: Sequence[Any], found: Sequence[Any]) -> bool:
    """No lengths at all declare nothing; a name or null fits any length."""
    if not declared:
        return True
    pairs = zip(declared, found, strict=False)
    return len(declared) == len(found) and all(a == b for a, b in pairs if isinstance(a, int) and isinstance(b, int))
