"""Which formats of artifacts are evaluated, and in which confinement."""

from collections.abc import Mapping
from typing import Any

__all__ = ["EVALUATED", "obstacle"]

EVALUATED = frozenset({"lightgbm", "onnx", "skops", "xgboost"})
"""Formats that a run may be requested for."""

_WITHOUT_CODE = frozenset({"onnx"})
"""Formats whose engine is trusted with any file that the static gate lets through; all others need the complete confinement."""


def obstacle(format_: str, rules: Mapping[str, Any], *, complete: bool, evaluated: frozenset[str] = EVALUATED) -> str | None:
    """The reason code why this format may not run; `rules` are the plan's `artifact`, `complete` says that both Landlock and seccomp
    confine the child."""
    if format_ not in evaluated:
        return "format_not_supported"
    return None if complete or format_ in _WITHOUT_CODE else "confinement_incomplete"
