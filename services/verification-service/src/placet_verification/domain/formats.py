"""Which formats of artifacts are evaluated, and in which confinement."""

from collections.abc import Mapping
from typing import Any

__all__ = ["EVALUATED", "obstacle"]

EVALUATED = frozenset({"lightgbm", "onnx", "sklearn-pickle", "skops", "xgboost"})
"""Formats that a run may be requested for."""

_WITHOUT_CODE = frozenset({"onnx"})
"""Formats whose engine is trusted with any file that the static gate lets through; all others need the complete confinement."""

_PROGRAMS = frozenset({"sklearn-pickle"})
"""Formats whose file is a program that its reader runs: only a plan that says so lets them."""


def obstacle(format_: str, rules: Mapping[str, Any], *, complete: bool, evaluated: frozenset[str] = EVALUATED) -> str | None:
    """The reason code why this format may not run; `rules` are the plan's `artifact`, `complete` says that both Landlock and seccomp
    confine the child."""
    if format_ not in evaluated:
        return "format_not_supported"
    if format_ in _PROGRAMS and not rules.get("allow_pickle"):
        return "pickle_not_allowed"
    return None if complete or format_ in _WITHOUT_CODE else "confinement_incomplete"
