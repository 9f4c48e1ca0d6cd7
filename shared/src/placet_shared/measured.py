"""The digest of what a verification run has measured, apart from what measured it: it tells whether a later run found the same.

A sign-off binds the whole result by digest. A run that renews the evidence may be by another release of the engine, whose last digits
differ; so only the status of each record and three digits of its value are compared. verification-service publishes this digest, and
readers of events from before it was published compute it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["MeasuredRecord", "measured_digest", "measured_of_summaries", "measured_record"]

MeasuredRecord = list[str | float | None]


def measured_record(of_slice: str | None, metric: str | None, status: str, value: float | None) -> MeasuredRecord:
    """What counts of one record; a value below 1e-9 may be nothing but the rounding of sums."""
    return [of_slice, metric, status, None if value is None else float(f"{round(value, 9):.3g}")]


def measured_digest(by_check: Mapping[str, Sequence[MeasuredRecord]]) -> str:
    """SHA-256 of sorted compact JSON, in hex; records are in their order, by check id."""
    return hashlib.sha256(json.dumps(dict(by_check), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def measured_of_summaries(checks: Sequence[Mapping[str, Any]]) -> str:
    """For events of schema version 1, in which each check had one record."""
    return measured_digest(
        {check["check_id"]: [measured_record(None, check["metric"], check["status"], check["value"])] for check in checks}
    )
