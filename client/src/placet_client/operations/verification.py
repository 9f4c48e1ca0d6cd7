"""verification-service: plans, runs and their results. An environment has one plan; a run verifies one version by it."""

import time

from placet_client.answers.answer import Page
from placet_client.answers.policies import CheckedDocument
from placet_client.answers.verification import Plan, Plans, PublishedPlan, RequestedRun, Run, RunSummary
from placet_client.calls import ANSWER_WITHIN, Call, Flow
from placet_client.operations.paths import YAML, pages, quoted

SERVICE = "verification"
LONG_POLL = 25.0


def publish_plan(document: str) -> Call[PublishedPlan]:
    """From YAML. For admins."""
    return Call(SERVICE, "POST", "/v1/plans", PublishedPlan, content=document.encode(), headers=YAML)


def check_plan(document: str) -> Call[CheckedDocument]:
    """Checks only whether it could be published."""
    return Call(SERVICE, "POST", "/v1/plans", CheckedDocument, {"dry_run": "true"}, content=document.encode(), headers=YAML)


def plans() -> Call[Plans]:
    """The one in force of each environment that has one."""
    return Call(SERVICE, "GET", "/v1/plans", Plans)


def plan(environment: str) -> Call[Plan]:
    """The one in force for an environment, in its full form."""
    return Call(SERVICE, "GET", f"/v1/plans/{quoted(environment)}/current", Plan)


def request_run(version_id: str, environment: str, dataset_sha256: str | None = None) -> Call[RequestedRun]:
    """For developers, pipelines and admins."""
    body = {"version_id": version_id, "environment": environment, "dataset_sha256": dataset_sha256}
    return Call(SERVICE, "POST", "/v1/runs", RequestedRun, json={name: value for name, value in body.items() if value is not None})


def runs(limit: int = 50, **search: str | None) -> Flow[Page[RunSummary]]:
    """The newest first; `search` may have model_id, version_id, environment, status."""
    return pages(SERVICE, "/v1/runs", Page[RunSummary], limit, **search)


def run(run_id: str) -> Call[Run]:
    """A run; its status is queued, running, passed, failed or errored."""
    return Call(SERVICE, "GET", f"/v1/runs/{quoted(run_id)}", Run)


def wait_for_run(run_id: str, seconds: float) -> Flow[Run]:
    """The run when it has ended, or as it is after so many seconds."""
    until = time.monotonic() + seconds
    while True:
        rest = round(max(0.0, min(LONG_POLL, until - time.monotonic())), 3)
        path = f"/v1/runs/{quoted(run_id)}/wait"
        run = yield from Call(SERVICE, "GET", path, Run, {"timeout": rest}, within=rest + ANSWER_WITHIN)
        if run.has_ended or time.monotonic() >= until:
            return run
