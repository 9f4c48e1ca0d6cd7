"""verification-service: plans, runs and their results, attestations.

Several plans may be in force for a version; a run verifies it by one of them.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from placet_client.answers.answer import Page
from placet_client.answers.comparisons import Comparison
from placet_client.answers.verification import (
    Attestation,
    CancelledRun,
    CheckFound,
    CheckKinds,
    Plan,
    PlanPreview,
    PlansInForce,
    PublishedPlan,
    RecordedAttestation,
    RequestedRun,
    Run,
    RunSummary,
    Verification,
    WithdrawnPlan,
)
from placet_client.calls import ANSWER_WITHIN, Call, Flow
from placet_client.operations.paths import JSON, YAML, pages, quoted

SERVICE = "verification"
LONG_POLL = 25.0


def publish_plan(document: str) -> Call[PublishedPlan]:
    """From YAML. For admins."""
    return Call(SERVICE, "POST", "/v1/plans", PublishedPlan, content=document.encode(), headers=YAML)


def preview_plan(document: str) -> Call[PlanPreview]:
    """What publishing it would change; nothing is published. For admins."""
    return Call(SERVICE, "POST", "/v1/plans", PlanPreview, {"dry_run": "true"}, content=document.encode(), headers=YAML)


def withdraw_plan(name: str, reason: str) -> Call[WithdrawnPlan]:
    """No evidence by it is needed from the next request on. For admins."""
    return Call(SERVICE, "POST", f"/v1/plans/{quoted(name)}/withdrawal", WithdrawnPlan, json={"reason": reason})


def plans(limit: int = 50, environment: str | None = None) -> Flow[Page[Plan]]:
    """Those in force, in one environment or anywhere, by name."""
    return pages(SERVICE, "/v1/plans", Page[Plan], limit, environment=environment)


def plan_versions(name: str, limit: int = 50) -> Flow[Page[Plan]]:
    """Every version of a plan, the newest first."""
    return pages(SERVICE, f"/v1/plans/{quoted(name)}", Page[Plan], limit)


def plan(name: str) -> Call[Plan]:
    """The newest version of a plan, in its full form."""
    return Call(SERVICE, "GET", f"/v1/plans/{quoted(name)}/current", Plan)


def plans_for(version_id: str, environment: str) -> Call[PlansInForce]:
    """Every plan that a version must pass for an environment, and why."""
    return Call(SERVICE, "GET", f"/v1/versions/{quoted(version_id)}/plans", PlansInForce, {"environment": environment})


def request_verification(
    version_id: str, environment: str, dataset_sha256: str | None = None, plan: str | None = None
) -> Call[Verification]:
    """A run by each plan in force, or by the named one. For developers, pipelines and admins."""
    return Call(SERVICE, "POST", "/v1/verifications", Verification, json=_wanted(version_id, environment, dataset_sha256, plan))


def request_run(version_id: str, environment: str, dataset_sha256: str | None = None, plan: str | None = None) -> Call[RequestedRun]:
    """By the one plan in force, or the named one. For developers, pipelines and admins."""
    return Call(SERVICE, "POST", "/v1/runs", RequestedRun, json=_wanted(version_id, environment, dataset_sha256, plan))


def _wanted(version_id: str, environment: str, dataset_sha256: str | None, plan: str | None) -> Mapping[str, Any]:
    body = {"version_id": version_id, "environment": environment, "dataset_sha256": dataset_sha256, "plan": plan}
    return {name: value for name, value in body.items() if value is not None}


def runs(limit: int = 50, **search: str | None) -> Flow[Page[RunSummary]]:
    """The newest first; `search` may have model_id, version_id, environment, status."""
    return pages(SERVICE, "/v1/runs", Page[RunSummary], limit, **search)


def run(run_id: str) -> Call[Run]:
    """A run; its status is queued, running, passed, failed, errored or cancelled."""
    return Call(SERVICE, "GET", f"/v1/runs/{quoted(run_id)}", Run)


def cancel_run(run_id: str, reason: str) -> Call[CancelledRun]:
    """It ends without a result. For the one who requested it, and for admins."""
    return Call(SERVICE, "POST", f"/v1/runs/{quoted(run_id)}/cancel", CancelledRun, json={"reason": reason})


def run_report(run_id: str, form: Literal["html", "xml", "json"] = "html", beside: str | None = None) -> Call[bytes]:
    """The report of a run that has ended: a page that stands alone, JUnit XML, or everything as JSON. `beside` as in `compared_runs`, for
    html and json."""
    path = f"/v1/runs/{quoted(run_id)}/report{'' if form == 'json' else f'.{form}'}"
    return Call(SERVICE, "GET", path, bytes, {"beside": beside})


def compared_runs(run_id: str, beside: str = "champion") -> Call[Comparison]:
    """A run's records beside those of another run; of `champion`, the newest passed one of the deployed version by the same plan."""
    return Call(SERVICE, "GET", f"/v1/runs/{quoted(run_id)}/report", Comparison, {"beside": beside})


def check_kinds() -> Call[CheckKinds]:
    """The kinds of checks that a plan may ask for."""
    return Call(SERVICE, "GET", "/v1/checks", CheckKinds)


def check_history(model_id: str, check_id: str, limit: int = 50, environment: str | None = None) -> Flow[Page[CheckFound]]:
    """What a check has found over a model's versions, the newest run first."""
    path = f"/v1/models/{quoted(model_id)}/checks/{quoted(check_id)}"
    return pages(SERVICE, path, Page[CheckFound], limit, environment=environment)


def add_attestation(envelope: bytes | Path) -> Call[RecordedAttestation]:
    """A DSSE envelope, or the file with one, byte for byte. For developers, pipelines and admins."""
    return Call(SERVICE, "POST", "/v1/attestations", RecordedAttestation, content=envelope, headers=JSON)


def attestations(limit: int = 50, artifact_sha256: str | None = None) -> Flow[Page[Attestation]]:
    """Those about one artifact or about any, the newest first."""
    return pages(SERVICE, "/v1/attestations", Page[Attestation], limit, artifact_sha256=artifact_sha256)


def envelope(sha256: str) -> Call[bytes]:
    """The envelope of an attestation, exactly as it was uploaded."""
    return Call(SERVICE, "GET", f"/v1/attestations/{quoted(sha256)}", bytes)


def wait_for_run(run_id: str, seconds: float) -> Flow[Run]:
    """The run when it has ended, or as it is after so many seconds."""
    until = time.monotonic() + seconds
    while True:
        rest = round(max(0.0, min(LONG_POLL, until - time.monotonic())), 3)
        path = f"/v1/runs/{quoted(run_id)}/wait"
        run = yield from Call(SERVICE, "GET", path, Run, {"timeout": rest}, within=rest + ANSWER_WITHIN)
        if run.has_ended or time.monotonic() >= until:
            return run
