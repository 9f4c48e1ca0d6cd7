"""The acts of the story, each found by its natural key when it was done already, and otherwise done."""

from pathlib import Path

from placet.demo.people import DemoPeople
from placet.demo.plan import PLAN, TEST_DATA, plan_document
from placet.report_files import save_report
from placet_client import DataSetFile, Registration
from placet_client.answers.registry import Deployment, Version
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.answers.verification import PublishedPlan, Run
from placet_client.files import sha256_of
from placet_client.problems import Problem
from placet_client.services import Approval, Blocking

__all__ = [
    "approve",
    "current_deployment",
    "keep_report",
    "latest_sign_off",
    "publish_plan",
    "recorded_yes",
    "refused",
    "register_version",
    "request_sign_off",
    "verify",
]

RUN_SECONDS = 300.0


def publish_plan(people: DemoPeople, where: str, test_data: Path) -> PublishedPlan:
    """alice registers the test data, dora publishes the plan that names them; the same data and document twice are one."""
    people.alice.registry.add_dataset(DataSetFile(TEST_DATA, test_data, "test"))
    return people.dora.verification.publish_plan(plan_document(where))


def register_version(people: DemoPeople, model: str, artifact: Path, training_data: Path, description: str) -> Version:
    """alice registers what she has trained, and on which data; a version of the model with the same bytes is that version."""
    data = [{"role": "train", "sha256": sha256_of(training_data)}]
    lineage = {"trained_by": ["alice"], "experiment": "sees-doctor/demo", "data": data}
    return people.alice.registry.register(Registration(model, artifact, "onnx", description, lineage)).version


def verify(people: DemoPeople, where: str, version: Version) -> Run:
    """The version's run there by the demo's plan: the one that ended, else the open one, else a new one."""
    runs = people.alice.verification.runs(100, version_id=version.id, environment=where).items
    runs = tuple(run for run in runs if run.plan.name == PLAN)
    ended = next((run for run in runs if run.status in ("passed", "failed")), None)
    going_on = next((run for run in runs if not run.has_ended), None)
    run = ended or going_on or people.alice.verification.request_run(version.id, where, plan=PLAN)
    return people.alice.verification.wait_for_run(run.id, RUN_SECONDS)


def keep_report(people: DemoPeople, run: Run, folder: Path, name: str, beside: str | None = None) -> Path:
    """The run's report as a page in the demo's folder, alone or beside that of another run."""
    return save_report(people.alice, run.id, folder / f"{name}.html", beside)


def latest_sign_off(people: DemoPeople, where: str, version: Version) -> SignOffSummary | None:
    """The version's newest sign-off there."""
    found = people.alice.approval.sign_offs(1, version_id=version.id, environment=where).items
    return found[0] if found else None


def request_sign_off(people: DemoPeople, where: str, version: Version) -> SignOffSummary:
    """alice requests a sign-off; an open or approved one is used again."""
    known = latest_sign_off(people, where, version)
    if known and known.state in ("pending", "approved"):
        return known
    rationale = "Better than the rule of thumb that is used today, on data that the model has never seen."
    requested = people.alice.approval.request_sign_off(version.id, where, rationale)
    return people.alice.approval.sign_off(requested.id)


def approve(people: DemoPeople, who: str, sign_off_id: str, rationale: str) -> SignOffSummary:
    """bob or carol signs, unless they have."""
    approval: Approval[Blocking] = getattr(people, who).approval
    me = approval.whoami().id
    now = approval.sign_off(sign_off_id)
    if now.state == "pending" and me not in [signature.by.id for signature in now.signatures]:
        approval.act(sign_off_id, "approve", {"rationale": rationale})
        now = approval.sign_off(sign_off_id)
    return now


def refused(people: DemoPeople, who: str, sign_off_id: str) -> Problem | None:
    """A person who must not sign tries to; returns the refusal, or None when the sign-off is no longer open."""
    approval = getattr(people, who).approval
    if approval.sign_off(sign_off_id).state != "pending":
        return None
    try:
        approval.act(sign_off_id, "approve", {"rationale": "I trained it, so I should know."})
    except Problem as problem:
        return problem
    raise AssertionError(f"{who} could sign a version of their own")


def recorded_yes(people: DemoPeople, where: str, version: Version) -> bool:
    """Whether a pipeline has a recorded yes for this version and has not reported the deployment yet."""
    decisions = people.ci.audit.timeline(50, version=version.id, type="GateDecisionMade", result="done", environment=where)
    return bool(decisions.items)


def current_deployment(people: DemoPeople, where: str, version: Version) -> Deployment | None:
    """The version's deployment there, while it runs."""
    found = people.ci.registry.deployments(20, environment=where, model_id=version.model_id).items
    return next((one for one in found if one.version_id == version.id), None)
