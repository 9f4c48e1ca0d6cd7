"""The story, scene by scene: two models are trained, one is approved and goes to production, one is stopped."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from placet.demo import steps
from placet.demo.artifacts import Artifacts, make_artifacts
from placet.demo.environments import choose_environment, refuse_taken_names
from placet.demo.narration import Narration
from placet.demo.people import DemoPeople, connect_people
from placet.demo.pipeline import waiting_pipeline
from placet.demo.plan import BEFORE_PRODUCTION, CAREFUL, HASTY, OWN_ENVIRONMENT, PRODUCTION
from placet_client import Addresses
from placet_client.answers.registry import Version
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.answers.verification import Check

__all__ = ["run_demo"]


def run_demo(addresses: Addresses, data_dir: Path, narration: Narration, environment: Mapping[str, str] = os.environ) -> None:
    """Run all scenes; raises `ClientError` when the installation can't be used."""
    with connect_people(addresses, data_dir, environment) as people:
        refuse_taken_names(people)
        artifacts = _train(narration, data_dir / "demo")
        careful, hasty = _register(narration, people, artifacts)
        where = _choose_environment(narration, people)
        _verify(narration, people, where, artifacts, careful, hasty)
        _sign_off_and_deploy(narration, people, where, careful, data_dir)
        _stop_the_hasty_one(narration, people, where, hasty)
        _compare(narration, people, where, careful, hasty, artifacts)
        _look_back(narration, people, where)


def _train(narration: Narration, folder: Path) -> Artifacts:
    narration.step("Train", "Two models on the RAND Health Insurance Experiment: will a person see a doctor this year?")
    artifacts = make_artifacts(folder)
    narration.happened(f"a careful one and a hasty one, exported to ONNX in {folder}")
    return artifacts


def _register(narration: Narration, people: DemoPeople, artifacts: Artifacts) -> tuple[Version, Version]:
    narration.step("Register", "A version is its bytes: identified by the SHA-256 of its artifact, with who trained it on what.")
    careful = steps.register_version(
        people, CAREFUL, artifacts.careful, artifacts.training_data, "Whether a person will see a doctor this year."
    )
    hasty = steps.register_version(people, HASTY, artifacts.hasty, artifacts.training_data, "The same question, answered in a hurry.")
    for name, version in ((CAREFUL, careful), (HASTY, hasty)):
        narration.happened(f"alice registered {name} {version.number}, artifact {version.artifact.sha256[:12]}…")
    narration.look(f"placet versions show {CAREFUL} {careful.number} --as alice")
    return careful, hasty


def _choose_environment(narration: Narration, people: DemoPeople) -> str:
    where = choose_environment(people)
    if where == OWN_ENVIRONMENT:
        narration.happened(f"production has a policy or plans of yours, so the story ends in an environment of its own: {where}")
    return where


def _verify(narration: Narration, people: DemoPeople, where: str, artifacts: Artifacts, careful: Version, hasty: Version) -> None:
    narration.step("Verify", f"The machine verifies first: each model runs in a sandbox on data it has never seen, by the plan of {where}.")
    plan = steps.publish_plan(people, where, artifacts.test_data)
    narration.happened(f"dora published the plan {plan.name}, version {plan.version}")
    for name, version in ((CAREFUL, careful), (HASTY, hasty)):
        run = steps.verify(people, where, version)
        say = narration.yes if run.status == "passed" else narration.no
        metrics = [check for check in run.checks or () if check.check == "metric"]
        say(f"{name} {run.status}: " + ", ".join(_measured(check) for check in metrics))
        others = [check for check in run.checks or () if check.check != "metric"]
        narration.happened(", ".join(f"{check.check_id} {check.status}" for check in others))
        narration.happened(f"its report: {steps.keep_report(people, run, artifacts.test_data.parent, name)}")
    narration.look(f"placet verify {HASTY} {hasty.number} --environment {where} --as alice")


def _measured(check: Check) -> str:
    if check.value is None or check.threshold is None:
        return f"{check.check_id} {check.status}"
    return f"{check.metric} {check.value:.3f} ({check.comparator} {check.threshold:g}: {check.status})"


def _sign_off_and_deploy(narration: Narration, people: DemoPeople, where: str, version: Version, data_dir: Path) -> None:
    narration.step("Sign off", "Two people who did not build it must approve; meanwhile a pipeline waits at the gate.")
    if where == PRODUCTION:
        before = steps.request_sign_off(people, BEFORE_PRODUCTION, version)
        steps.approve(people, "bob", before.id, "It may be tried: the report is sound.")
        narration.yes(f"bob, reviewer, signed for {BEFORE_PRODUCTION}: {where} asks for an approval of the same bytes there")
    sign_off = steps.request_sign_off(people, where, version)
    narration.happened(f"alice requested a sign-off for {where}, which needs {sign_off.need} signatures")
    if problem := steps.refused(people, "alice", sign_off.id):
        narration.no(f"alice tried to sign: {problem.detail}", problem.resolve)
    if steps.current_deployment(people, where, version):
        narration.yes(f"{CAREFUL} {version.number} runs in {where} already")
        return
    if not steps.recorded_yes(people, where, version):
        _wait_while_people_decide(narration, people, where, version, sign_off, data_dir)
    people.ci.registry.report_deployment(where, version.id)
    narration.yes(f"the pipeline deployed {CAREFUL} {version.number} and reported it")


def _wait_while_people_decide(
    narration: Narration, people: DemoPeople, where: str, version: Version, sign_off: SignOffSummary, data_dir: Path
) -> None:
    with waiting_pipeline(CAREFUL, version, where, data_dir) as pipeline:
        narration.happened(f"a pipeline waits: placet wait {CAREFUL} {version.number} --environment {where} --as ci")
        steps.approve(people, "bob", sign_off.id, "I repeated the evaluation; ranking and probabilities hold.")
        narration.yes("bob, reviewer, signed")
        steps.approve(people, "carol", sign_off.id, "The risk of a wrong answer here is small, and people can object.")
        narration.yes("carol, risk officer, signed")
        _hear_of(narration, pipeline)


def _hear_of(narration: Narration, pipeline: subprocess.Popen[str]) -> None:
    out, _ = pipeline.communicate()
    if pipeline.returncode != 0:
        raise SystemExit(f"the pipeline was not let through (exit code {pipeline.returncode}):\n{out}")
    narration.yes("the waiting pipeline got its answer at once: exit code 0, with a durable gate decision")


def _stop_the_hasty_one(narration: Narration, people: DemoPeople, where: str, version: Version) -> None:
    narration.step("Be stopped", "The second model failed its verification: the gate says no, with what would resolve it.")
    answer = people.ci.approval.ask_gate({"environment": where, "version_id": version.id})
    if answer.allowed:
        raise SystemExit("the gate let a model through that had failed its verification")
    for reason in answer.reasons:
        narration.no(f"{reason.code}: {reason.detail}", reason.resolve)
    narration.look(f"placet gate {HASTY} {version.number} --environment {where} --as ci; echo $?")


def _compare(narration: Narration, people: DemoPeople, where: str, careful: Version, hasty: Version, artifacts: Artifacts) -> None:
    run, deployed = steps.verify(people, where, hasty), steps.verify(people, where, careful)
    kept = steps.keep_report(people, run, artifacts.test_data.parent, f"{HASTY}-beside-{CAREFUL}", deployed.id)
    narration.happened(f"both reports side by side: {kept}")
    narration.look(f"placet runs report {run.id} --beside {deployed.id} --as alice")


def _look_back(narration: Narration, people: DemoPeople, where: str) -> None:
    narration.step("Look back", "Everything stands in the audit trail, the refused acts too; and what was true at any moment.")
    page = people.erin.audit.timeline(1000, order="newest")
    refusals = sum(line.result == "refused" for line in page.items)
    narration.happened(f"{len(page.items)} acts on record, {refusals} of them refused; complete up to index {page.as_of_index}")
    for deployed in people.erin.audit.as_of(environment=where).deployments:
        roles = " and ".join(approval.role for approval in deployed.approvals)
        narration.happened(f"{deployed.model_name} {deployed.version_number} is deployed in {where}, approved by {roles}")
    narration.look("placet audit timeline --as erin")
    narration.look(f"placet audit as-of --environment {where} --as erin")
    narration.happened("what people do when it is not that smooth, with feedback, a waiver, a deputy and a bad night:")
    narration.look("placet demo --process")
