"""Decisions about deployments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from placet_registry.domain.deployments import Deployment, only_version_of
from placet_registry.domain.versions import Version
from placet_shared.errors import Conflict, Invalid, NotFound

Given = Callable[..., Any]

SHA, OTHER = "ab" * 32, "cd" * 32
FACTS = {"artifact": {"sha256": SHA, "size": 1, "uri": None}, "format": "onnx", "signature": None, "lineage": {}}
REPORTED = {"deployment_id": "d-1", "environment": "prod", "model_id": "m-1", "version_id": "v-1", "sha256": SHA, "permit_id": None}


@pytest.fixture
def version(given: Given) -> Version:
    found: Version = given(Version, "v-1", (Version.VersionRegistered, {"version_id": "v-1", "model_id": "m-1", "number": 1, **FACTS}))
    return found


@pytest.fixture
def running(given: Given) -> Deployment:
    found: Deployment = given(Deployment, "d-1", (Deployment.DeploymentReported, REPORTED))
    return found


@pytest.mark.parametrize("sha256", [None, SHA])
def test_deployment_of_a_version_binds_its_digest(version: Version, sha256: str | None, at: datetime, decided: Callable[..., Any]) -> None:
    deployment = Deployment.report("d-1", "prod", version, sha256=sha256, permit_id=None, at=at)
    assert decided(deployment) == [("DeploymentReported", REPORTED)]


def test_deployment_of_other_bytes_than_the_version_has_is_refused(version: Version, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        Deployment.report("d-1", "prod", version, sha256=OTHER, permit_id=None, at=at)
    assert refused.value.code == "artifact_mismatch"
    assert (refused.value.errors[0].value, refused.value.errors[0].allowed) == (OTHER, SHA)


def test_deployment_that_runs_can_end(running: Deployment, at: datetime, decided: Callable[..., Any]) -> None:
    running.end(None, at)
    ended = {"deployment_id": "d-1", "environment": "prod", "model_id": "m-1", "reason": None}
    assert decided(running) == [("DeploymentEnded", ended)]


def test_deployment_that_has_ended_does_not_end_again(running: Deployment, at: datetime) -> None:
    running.end(None, at)
    with pytest.raises(Conflict) as refused:
        running.end(None, at)
    assert refused.value.code == "deployment_ended"


def test_artifact_of_one_version_names_it() -> None:
    assert only_version_of(SHA, ["v-1"]) == "v-1"


def test_artifact_of_no_version_is_refused() -> None:
    with pytest.raises(NotFound) as refused:
        only_version_of(SHA, [])
    assert refused.value.code == "artifact_unknown"


def test_artifact_of_two_versions_is_never_guessed() -> None:
    with pytest.raises(Conflict) as refused:
        only_version_of(SHA, ["v-1", "v-2"])
    assert (refused.value.code, refused.value.facts["version_ids"]) == ("artifact_ambiguous", ["v-1", "v-2"])
