"""Events of registry and verification as approval-service gets them: four of each version, two of its run."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson

from bench.audit_scale import BEGAN
from placet_shared.event_store import RecordedEvent

__all__ = ["known_events"]

Said = tuple[str, Mapping[str, Any]]
PLAN = {"id": "plan-1", "name": "checks", "version": 1, "sha256": sha256(b"plan").hexdigest()}
LINEAGE = {
    "training_run": "run-1", "experiment": "churn", "commit": "0" * 40, "data": [], "parameters": {"depth": 8}, "metrics": {"auc": 0.91},
    "trained_by": ["person-2"], "prepared_by": ["person-3"],
}  # fmt: skip


def known_events(number: int) -> Mapping[str, Sequence[RecordedEvent]]:
    """About so many, of models with one version each."""
    versions = range(number // 6)
    return {
        "registry": _recorded("registry", (said for version in versions for said in _registered(version))),
        "verification": _recorded("verification", (said for version in versions for said in _verified(version))),
    }


def _registered(number: int) -> Iterator[Said]:
    model, version = f"model-{number}", f"version-{number}"
    artifact = {"sha256": sha256(version.encode()).hexdigest(), "size": 1000, "uri": None}
    yield "ModelRegistered", {"model_id": model, "name": f"name {number}", "description": None, "tags": {}}
    yield "ModelNameReserved", {"model_id": model, "name": f"name {number}"}
    yield "VersionNumbered", {"model_id": model, "version_id": version, "number": 1}
    facts = {"artifact": artifact, "format": "onnx", "signature": None, "lineage": LINEAGE}
    yield "VersionRegistered", {"version_id": version, "model_id": model, "number": 1, **facts}


def _verified(number: int) -> Iterator[Said]:
    version = f"version-{number}"
    datasets = [{"input": "evaluation", "sha256": sha256(b"data").hexdigest()}]
    bound = {"artifact_sha256": sha256(version.encode()).hexdigest(), "datasets": datasets, "champion": None}
    run = {"run_id": f"run-{number}", "model_id": f"model-{number}", "version_id": version, "environment": "prod", "plan": PLAN, **bound}
    yield "RunRequested", run
    digest = sha256(b"result").hexdigest()
    yield "VerificationPassed", {**run, "result_sha256": digest, "measured_sha256": digest, "checks": [], "status": "passed"}


def _recorded(source: str, said: Iterator[Said]) -> Sequence[RecordedEvent]:
    events: list[RecordedEvent] = []
    for position, (type_, data) in enumerate(said, 1):
        prev = events[-1].id if events else None
        where = (source, 1, position, str(uuid.uuid4()), prev, f"{source}-{position}", 1, type_, 1, data["model_id"])
        who = ("person-1", None, f"request-{position}", None, None, None)
        events.append(RecordedEvent(*where, *who, BEGAN + timedelta(milliseconds=position), orjson.dumps(data)))
    return events
