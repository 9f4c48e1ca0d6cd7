"""Upcasts events of older schema versions, and rows that were made of them, to the next version, in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from placet_shared.measured import measured_of_summaries

__all__ = ["UPCASTERS", "full_form", "full_summaries"]

Fields = dict[str, Any]


def full_form(document: Mapping[str, Any]) -> Fields:
    """A plan's document as it would be written today; the digest stays that of the document as it was."""
    if "environments" in document:
        return dict(document)
    rest = {name: value for name, value in document.items() if name != "environment"}
    return {
        **rest,
        "team": None,
        "environments": [document["environment"]],
        "for": {"models": [], "tags": {}},
        "takes_effect": "next",
        "dataset": {**document["dataset"], "name": None},
        "training": None,
        "reference": None,
        "checks": [{**check, "check": "metric"} for check in document["checks"]],
    }


def full_summaries(checks: Sequence[Mapping[str, Any]]) -> list[Fields]:
    """The checks of a run in short as they would be written today: each was a metric with one record."""
    return [{"check": "metric", "records": 1, **check} for check in checks]


def _plan(fields: Fields) -> Fields:
    """A plan was that of its one environment."""
    rest = {name: value for name, value in fields.items() if name != "environment"}
    return {**rest, "document": full_form(fields["document"])}


def _run(fields: Fields) -> Fields:
    """A run had one data set and no champion."""
    rest = {name: value for name, value in fields.items() if name != "dataset_sha256"}
    return {**rest, "datasets": [{"input": "evaluation", "sha256": fields["dataset_sha256"]}], "champion": None}


def _verification(fields: Fields) -> Fields:
    """Each check had one record, so what was measured is told by the summaries."""
    checks = fields["checks"]
    return {**_run(fields), "measured_sha256": measured_of_summaries(checks), "checks": full_summaries(checks)}


UPCASTERS: Mapping[tuple[str, int], Callable[[Fields], Fields]] = {
    ("PlanPublished", 1): _plan,
    ("PlanRevised", 1): _plan,
    ("RunRequested", 1): _run,
    ("VerificationPassed", 1): _verification,
    ("VerificationFailed", 1): _verification,
    ("RunErrored", 1): _run,
}
