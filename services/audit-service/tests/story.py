"""A small story in the contracts' words: a model, two versions, sign-offs, deployments."""

from typing import Any

from placet_shared.contracts import TextCommitment
from placet_shared.contracts.approval_decisions import ApprovalGranted, Signature, SignOffApproved, SignOffInvalidated, SignOffRevoked
from placet_shared.contracts.approval_policies import (
    BoundPolicy,
    EvidenceTerms,
    PolicyContent,
    PolicyDefined,
    SeparationOfDuties,
    SignatureTerm,
)
from placet_shared.contracts.approval_rounds import SignOffResumed, SignOffSuspended
from placet_shared.contracts.registry import Artifact, DeploymentEnded, DeploymentReported, Lineage, ModelRegistered, VersionRegistered

from .sources import Act, act

MODEL = "model-churn"
DIGESTS = {1: "1" * 64, 2: "2" * 64}
LINEAGE = Lineage(training_run=None, experiment=None, commit=None, data=[], parameters={}, metrics={}, trained_by=[], prepared_by=[])
POLICY = BoundPolicy(id="policy-prod", version=1, sha256="f" * 64)
A_TEXT = TextCommitment(id="0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f", hmac="c" * 64)
FAR_OFF = "2999-01-01T00:00:00.000000Z"


def registered(model: str = MODEL, name: str = "churn", **who: Any) -> Act:
    return act(ModelRegistered(model_id=model, name=name, description=None, tags={}), model, **who)


def version(number: int, model: str = MODEL) -> Act:
    artifact = Artifact(sha256=DIGESTS[number], size=1, uri=None)
    data = VersionRegistered(
        version_id=f"{model}-{number}", model_id=model, number=number, artifact=artifact, format="onnx", signature=None, lineage=LINEAGE
    )
    return act(data, model)


def deployed(number: int, name: str = "", environment: str = "prod") -> Act:
    data = DeploymentReported(
        deployment_id=name or f"deployment-{number}", environment=environment, model_id=MODEL, version_id=f"{MODEL}-{number}",
        sha256=DIGESTS[number], permit_id=None,
    )  # fmt: skip
    return act(data, MODEL, actor="ci")


def policy(number: int, signatures: int, environment: str = "prod", name: str | None = None) -> Act:
    terms = PolicyContent(
        environment=environment, mode="prevent", signatures=[SignatureTerm(any_of=["reviewer"], count=1)] * signatures,
        evidence=EvidenceTerms(verification=None), separation_of_duties=SeparationOfDuties(exclude=["requester"]), expires_after_seconds=1,
        rationale="required",
    )  # fmt: skip
    about = {"policy_id": name or environment, "environment": environment, "name": name, "version": number, "takes_effect": "next"}
    data = PolicyDefined(**about, sha256="f" * 64, mode="prevent", content=terms)
    return act(data, environment, actor="dora")


def ended(name: str, environment: str = "prod") -> Act:
    return act(DeploymentEnded(deployment_id=name, environment=environment, model_id=MODEL, reason=None), MODEL, actor="ci")


def _sign_off(number: int) -> dict[str, Any]:
    return {"sign_off_id": f"sign-off-{number}", "model_id": MODEL, "version_id": f"{MODEL}-{number}", "environment": "prod"}


def granted(number: int, person: str, role: str) -> Act:
    how: dict[str, Any] = {"token_issuers": [], "on_behalf_of": None, "delegation_id": None, "rationale": None}
    return act(ApprovalGranted(**_sign_off(number), person_id=person, role=role, **how), MODEL, actor=person)


def approved(number: int, expires_at: str = FAR_OFF) -> Act:
    data = SignOffApproved(
        **_sign_off(number), artifact_sha256=DIGESTS[number], evidence=[], policy=POLICY,
        approvals=[Signature(person_id="bob", role="reviewer")], earlier_noes=[], expires_at=expires_at,
        longest_until=expires_at, review_at=None, conditions=[], waived_issues=[],
    )  # fmt: skip
    return act(data, MODEL, actor="bob")


def revoked(number: int) -> Act:
    return act(SignOffRevoked(**_sign_off(number), person_id="carol", rationale=None), MODEL, actor="carol")


def suspended(number: int) -> Act:
    return act(SignOffSuspended(**_sign_off(number), person_id="carol", rationale=A_TEXT), MODEL, actor="carol")


def resumed(number: int) -> Act:
    return act(SignOffResumed(**_sign_off(number), person_id="bob", token_issuers=[], rationale=A_TEXT), MODEL, actor="bob")


def invalidated(number: int) -> Act:
    return act(SignOffInvalidated(**_sign_off(number), field="policy", old=1, new=2), MODEL, actor="system")


def refused(action: str, subject: str, actor: str = "mallory") -> Act:
    return Act("ActionRefused", subject, {"action": action, "code": "role_required", "kind": "Forbidden"}, actor=actor)
