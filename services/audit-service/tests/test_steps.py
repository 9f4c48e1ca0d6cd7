"""What an entry does to a view: given rows, when an entry comes, then rows; without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import orjson
import pytest

from placet_audit.projections.deployments import DEPLOYMENTS, PLACES, Deployment, Place
from placet_audit.projections.entry import Entry
from placet_audit.projections.names import MODELS, VERSIONS, Model, Version
from placet_audit.projections.rows import Rows
from placet_audit.projections.sign_offs import APPROVALS, SIGN_OFFS, Approval, SignOff
from placet_audit.projections.timeline import line_of
from placet_audit.projections.views import TableView

AT = datetime(2026, 11, 23, tzinfo=UTC)
FAR_OFF = datetime(2999, 1, 1, tzinfo=UTC)
RUNNING = Deployment("d-1", "prod", "m", "v-1", "1", "ci", AT, 5)
APPROVED = SignOff("s", "m", "v", "prod", "1", FAR_OFF, 5)
HELD = msgspec.structs.replace(APPROVED, from_index=9, suspended=True)
FURTHER_OFF = datetime(2999, 2, 1, tzinfo=UTC)
SIGNED = Approval("s", "bob", "reviewer", AT, 5)
MODEL = Model("m", "churn", 5)
VERSION = Version("v", "m", 1, "1", 5)


def entry(type_: str, index: int = 9, subject: str = "m", **fields: Any) -> Entry:
    return Entry(index, AT, "registry", index, UUID(int=index), type_, subject, "ci", None, "request-1", AT, None, orjson.dumps(fields))


def numbered(number: int) -> Entry:
    return entry("VersionRegistered", version_id="v", model_id="m", number=number, artifact={"sha256": str(number)})


def reported(deployment: str, environment: str = "prod", model: str = "m") -> Entry:
    return entry("DeploymentReported", deployment_id=deployment, environment=environment, model_id=model, version_id="v-2", sha256="2")


def begun(deployment: str, environment: str = "prod", model: str = "m") -> Deployment:
    return Deployment(deployment, environment, model, "v-2", "2", "ci", AT, 9)


def over(row: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(row, to_index=9, **fields)


APPROVAL: dict[str, Any] = {"sign_off_id": "s", "model_id": "m", "version_id": "v", "environment": "prod", "artifact_sha256": "1"}
STEPS: list[tuple[TableView[Any], Sequence[Any], Entry, Sequence[Any]]] = [
    (MODELS, [], entry("ModelRegistered", model_id="m", name="churn"), [Model("m", "churn", 9)]),
    (MODELS, [MODEL], entry("ModelRegistered", model_id="m", name="other"), []),
    (VERSIONS, [], numbered(1), [Version("v", "m", 1, "1", 9)]),
    (VERSIONS, [VERSION], numbered(2), []),
    (DEPLOYMENTS, [RUNNING], reported("d-2"), [over(RUNNING), begun("d-2")]),
    (DEPLOYMENTS, [RUNNING], reported("d-2", "test"), [begun("d-2", "test")]),
    (DEPLOYMENTS, [RUNNING], reported("d-2", model="n"), [begun("d-2", model="n")]),
    (DEPLOYMENTS, [over(RUNNING)], reported("d-2"), [begun("d-2")]),
    (DEPLOYMENTS, [RUNNING], reported("d-1"), [over(RUNNING)]),
    (DEPLOYMENTS, [RUNNING], entry("DeploymentEnded", deployment_id="d-1"), [over(RUNNING)]),
    (DEPLOYMENTS, [over(RUNNING)], entry("DeploymentEnded", index=12, deployment_id="d-1"), []),
    (DEPLOYMENTS, [], entry("DeploymentEnded", deployment_id="d-1"), []),
    (PLACES, [], reported("d-1"), [Place("m", "prod", 9)]),
    (PLACES, [Place("m", "prod", 5)], reported("d-2"), []),
    (SIGN_OFFS, [], entry("SignOffApproved", **APPROVAL, expires_at=FAR_OFF), [msgspec.structs.replace(APPROVED, from_index=9)]),
    (SIGN_OFFS, [APPROVED], entry("SignOffRevoked", sign_off_id="s"), [over(APPROVED, ended_by="SignOffRevoked")]),
    (SIGN_OFFS, [APPROVED], entry("SignOffInvalidated", sign_off_id="s"), [over(APPROVED, ended_by="SignOffInvalidated")]),
    (SIGN_OFFS, [over(APPROVED, ended_by="SignOffRevoked")], entry("SignOffInvalidated", index=12, sign_off_id="s"), []),
    (SIGN_OFFS, [over(APPROVED, ended_by="SignOffInvalidated")], entry("SignOffApproved", index=12, **APPROVAL, expires_at=FAR_OFF),
     [msgspec.structs.replace(APPROVED, from_index=12)]),
    (SIGN_OFFS, [APPROVED], entry("SignOffApproved", index=12, **APPROVAL, expires_at=FAR_OFF), []),
    (SIGN_OFFS, [APPROVED], entry("SignOffSuspended", sign_off_id="s"), [over(APPROVED, ended_by="SignOffSuspended"), HELD]),
    (SIGN_OFFS, [HELD], entry("SignOffResumed", index=12, sign_off_id="s"),
     [msgspec.structs.replace(HELD, to_index=12, ended_by="SignOffResumed"), msgspec.structs.replace(APPROVED, from_index=12)]),
    (SIGN_OFFS, [APPROVED], entry("ConditionMet", sign_off_id="s", expires_at=FURTHER_OFF),
     [over(APPROVED, ended_by="ConditionMet"), msgspec.structs.replace(APPROVED, from_index=9, expires_at=FURTHER_OFF)]),
    (SIGN_OFFS, [APPROVED], entry("ConditionMet", sign_off_id="s", expires_at=None), []),
    (APPROVALS, [SIGNED, Approval("s", "carol", "reviewer", AT, 6)], entry("SignOffReset", sign_off_id="s"),
     [over(SIGNED), over(Approval("s", "carol", "reviewer", AT, 6))]),
    (APPROVALS, [], entry("ApprovalGranted", sign_off_id="s", person_id="bob", role="reviewer"), [Approval("s", "bob", "reviewer", AT, 9)]),
    (APPROVALS, [SIGNED], entry("ApprovalRevoked", sign_off_id="s", person_id="bob"), [over(SIGNED)]),
    (APPROVALS, [SIGNED], entry("ApprovalRevoked", sign_off_id="s", person_id="carol"), []),
]  # fmt: skip


@pytest.mark.parametrize(("view", "given", "when", "then"), STEPS)
def test_step_of_a_view(view: TableView[Any], given: Sequence[Any], when: Entry, then: Sequence[Any]) -> None:
    rows = Rows(view.table)
    rows.know(given)
    view.fold(rows, [when])
    assert list(rows.written()) == then


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("ModelRegistered", {}),
        ("ModelRegistered", {"model_id": 7, "name": "x"}),
        ("ModelRegistered", {"model_id": "m", "name": "nul\0"}),
        ("VersionRegistered", {"version_id": "v", "model_id": "m", "number": 2**31, "artifact": {"sha256": "x"}}),
        ("VersionRegistered", {"version_id": "v", "model_id": "m", "number": 1, "artifact": "none"}),
        ("SignOffApproved", {**APPROVAL, "expires_at": "never"}),
        ("SignOffApproved", {**APPROVAL, "expires_at": "2999-01-01T00:00:00"}),
    ],
)
def test_entry_that_does_not_say_what_it_has_to_changes_no_row(type_: str, fields: dict[str, Any]) -> None:
    views: tuple[TableView[Any], ...] = (MODELS, VERSIONS, SIGN_OFFS)
    for view in views:
        rows = Rows(view.table)
        view.fold(rows, [entry(type_, **fields)])
        assert list(rows.written()) == []


def test_entries_of_one_batch_build_on_each_other() -> None:
    rows = Rows(DEPLOYMENTS.table)
    DEPLOYMENTS.fold(rows, [reported("d-1"), entry("DeploymentEnded", index=10, deployment_id="d-1"), reported("d-2")])
    assert [(row.deployment_id, row.to_index) for row in rows.written()] == [("d-1", 10), ("d-2", None)]


@pytest.mark.parametrize(
    ("subject", "fields", "model"),
    [("m", {}, "m"), ("bob", {}, None), ("bob", {"model_id": "n"}, "n"), ("m", {"model_id": "n"}, "n")],
)
def test_line_is_about_the_model_that_the_event_names_or_that_is_its_subject(subject: str, fields: dict[str, Any], model: str) -> None:
    assert line_of(entry("ActionRefused", subject=subject, **fields), {"m"}).model_id == model
