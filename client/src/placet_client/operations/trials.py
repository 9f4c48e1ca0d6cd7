"""verification-service: rows that a person gives a version to try. The answer is there once, for who asked."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from placet_client.answers.trials import Trial, TrialCount
from placet_client.calls import ANSWER_WITHIN, Call, Flow
from placet_client.operations.paths import quoted
from placet_client.retrying import RetryPolicy

__all__ = ["trial_count", "try_rows"]

SERVICE = "verification"
LONG_POLL = 25.0
# A trial is not kept, so a second attempt would be a second trial.
ONCE = RetryPolicy(seconds=0)


def try_rows(
    version_id: str,
    environment: str,
    rows: Sequence[Mapping[str, Any]],
    seconds: float,
    plan: str | None = None,
    dataset_sha256: str | None = None,
) -> Flow[Trial]:
    """Predictions, explanations and counterfactuals, or the trial as it is after so many seconds. For all accounts with a role.

    At most 20 rows, each with a value for every column that the plan's inputs take. `plan` is needed where several in force have data.
    """
    until = time.monotonic() + seconds
    body = {"version_id": version_id, "environment": environment, "plan": plan, "dataset_sha256": dataset_sha256, "rows": list(rows)}
    given = {name: value for name, value in body.items() if value is not None}
    rest = _rest(until)
    trial = yield from Call(SERVICE, "POST", "/v1/trials", Trial, {"timeout": rest}, json=given, within=rest + ANSWER_WITHIN, retries=ONCE)
    while not trial.has_ended and time.monotonic() < until:
        rest = _rest(until)
        trial = yield from Call(SERVICE, "GET", f"/v1/trials/{quoted(trial.id)}", Trial, {"timeout": rest}, within=rest + ANSWER_WITHIN)
    return trial


def trial_count(model_id: str) -> Call[TrialCount]:
    """How often the versions of a model were tried."""
    return Call(SERVICE, "GET", f"/v1/models/{quoted(model_id)}/trials", TrialCount)


def _rest(until: float) -> float:
    return round(max(0.0, min(LONG_POLL, until - time.monotonic())), 3)
