"""The kinds of checks by name: our own, and those that installed distributions add under the entry point group `placet.checks`."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from placet_verification.checks import kinds
from placet_verification.checks.kind import FACTS, CheckKind, Need

__all__ = ["GROUP", "check_kinds", "compares", "facts_for", "further_columns", "measures_of", "missing_kinds", "parameters_of"]

GROUP = "placet.checks"
COMMON = frozenset({"id", "check", "severity"})


@cache
def check_kinds() -> Mapping[str, CheckKind[Any]]:
    """All that are installed. TypeError when two have one name, or an entry point is no kind: a plan must mean one thing."""
    found: dict[str, CheckKind[Any]] = {}
    ours = (import_module(f"{kinds.__name__}.{module.name}").KIND for module in pkgutil.iter_modules(kinds.__path__))
    theirs = (entry.load() for entry in entry_points(group=GROUP))
    for kind in (*ours, *theirs):
        if not isinstance(kind, CheckKind) or kind.name in found:
            raise TypeError(f"{kind!r} is no check, or a second one of its name")
        found[kind.name] = kind
    return MappingProxyType(dict(sorted(found.items())))


def missing_kinds(document: Mapping[str, Any]) -> list[str]:
    """The kinds in a plan that are not installed here, sorted."""
    return sorted({check["check"] for check in document["checks"]} - check_kinds().keys())


def compares(document: Mapping[str, Any]) -> bool:
    """Whether a plan compares the model with the champion."""
    kinds_of_plan = (check_kinds().get(check["check"]) for check in document["checks"])
    return any(kind is not None and "champion" in kind.needs for kind in kinds_of_plan)


def further_columns(document: Mapping[str, Any]) -> list[str]:
    """The columns of the evaluation data that a plan's checks want beside those that the inputs take, sorted."""
    wanted: set[str] = set()
    for check in document["checks"]:
        kind = check_kinds()[check["check"]]
        wanted.update(kind.columns(parameters_of(kind, check)))
    return sorted(wanted - {name for part in document["inputs"] for name in part["columns"]})


def parameters_of(kind: CheckKind[Any], check: Mapping[str, Any]) -> Any:
    """A check's own parameters, from its entry in a plan's full form."""
    return kind.parameters(**{name: value for name, value in check.items() if name not in COMMON})


def measures_of(document: Mapping[str, Any]) -> dict[str, str]:
    """What the child imports for a plan: the measuring function of each kind that has one. KeyError for a kind that is not installed."""
    kinds_of_plan = (check_kinds()[check["check"]] for check in document["checks"])
    return {kind.name: kind.measure for kind in kinds_of_plan if kind.measure is not None}


def facts_for(document: Mapping[str, Any]) -> frozenset[Need]:
    """The facts that a plan's checks judge. KeyError for a kind that is not installed."""
    return frozenset().union(*(check_kinds()[check["check"]].needs & FACTS for check in document["checks"]))
