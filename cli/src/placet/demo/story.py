"""The story, scene by scene: two models are trained, one goes to production with everybody's word, one is stopped."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from placet.demo import acts
from placet.demo.artifacts import Artifacts, make_artifacts
from placet.demo.cast import Cast, gather_cast
from placet.demo.pipeline import waiting_pipeline
from placet.demo.plan import ENVIRONMENT
from placet.demo.stage import Stage
from placet_client import Addresses
from placet_client.answers.registry import Version
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.answers.verification import Check

__all__ = ["tell"]

CAREFUL = "sees-doctor"
HASTY = "sees-doctor-quick"


def tell(addresses: Addresses, data_dir: Path, stage: Stage, environment: Mapping[str, str] = os.environ) -> None:
    """Tell all of it; raises `ClientError` when the installation can't be used."""
    with gather_cast(addresses, data_dir, environment) as cast:
        cast.alice.approval.whoami()
        artifacts = _train(stage, data_dir / "demo")
        careful, hasty = _register(stage, cast, artifacts)
        _verify(stage, cast, artifacts, careful, hasty)
        _sign_off_and_deploy(stage, cast, careful, data_dir)
        _stop_the_hasty_one(stage, cast, hasty)
        _look_back(stage, cast)


def _train(stage: Stage, folder: Path) -> Artifacts:
    stage.scene("Train", "Two models on the RAND Health Insurance Experiment: will a person see a doctor this year?")
    artifacts = make_artifacts(folder)
    stage.happened(f"a careful one and a hasty one, exported to ONNX in {folder}")
    return artifacts


def _register(stage: Stage, cast: Cast, artifacts: Artifacts) -> tuple[Version, Version]:
    stage.scene("Register", "A version is its bytes: identified by the SHA-256 of its artifact, with who trained it on what.")
    careful = acts.register_version(cast, CAREFUL, artifacts.careful, "Whether a person will see a doctor this year.")
    hasty = acts.register_version(cast, HASTY, artifacts.hasty, "The same question, answered in a hurry.")
    for name, version in ((CAREFUL, careful), (HASTY, hasty)):
        stage.happened(f"alice registered {name} {version.number}, artifact {version.artifact.sha256[:12]}…")
    stage.look(f"placet versions show {CAREFUL} {careful.number} --as alice")
    return careful, hasty


def _verify(stage: Stage, cast: Cast, artifacts: Artifacts, careful: Version, hasty: Version) -> None:
    stage.scene("Verify", "The machine tries first: each model runs in a sandbox on data it has never seen, against production's plan.")
    plan = acts.publish_plan(cast, artifacts.test_data)
    stage.happened(f"dora published the plan {plan.name}, version {plan.version}")
    for name, version in ((CAREFUL, careful), (HASTY, hasty)):
        run = acts.verify(cast, version)
        say = stage.yes if run.status == "passed" else stage.no
        say(f"{name} {run.status}: " + ", ".join(_measured(check) for check in run.checks or ()))
    stage.look(f"placet verify {HASTY} {hasty.number} --environment {ENVIRONMENT} --as alice")


def _measured(check: Check) -> str:
    value = "?" if check.value is None else f"{check.value:.3f}"
    return f"{check.metric} {value} ({check.comparator} {check.threshold:g}: {check.status})"


def _sign_off_and_deploy(stage: Stage, cast: Cast, version: Version, data_dir: Path) -> None:
    stage.scene("Sign off", "Two people must agree, and nobody who built it; meanwhile a pipeline waits at the gate.")
    sign_off = acts.request_sign_off(cast, version)
    stage.happened(f"alice requested a sign-off for {ENVIRONMENT}, which needs {sign_off.need} signatures")
    if problem := acts.refused(cast, "alice", sign_off.id):
        stage.no(f"alice tried to sign: {problem.detail}", problem.resolve)
    if acts.current_deployment(cast, version):
        stage.yes(f"{CAREFUL} {version.number} runs in {ENVIRONMENT} already")
        return
    if not acts.recorded_yes(cast, version):
        _wait_while_people_decide(stage, cast, version, sign_off, data_dir)
    cast.ci.registry.report_deployment(ENVIRONMENT, version.id)
    stage.yes(f"the pipeline deployed {CAREFUL} {version.number} and reported it")


def _wait_while_people_decide(stage: Stage, cast: Cast, version: Version, sign_off: SignOffSummary, data_dir: Path) -> None:
    with waiting_pipeline(CAREFUL, version, data_dir) as pipeline:
        stage.happened(f"a pipeline waits: placet wait {CAREFUL} {version.number} --environment {ENVIRONMENT} --as ci")
        acts.approve(cast, "bob", sign_off.id, "I repeated the evaluation; ranking and probabilities hold.")
        stage.yes("bob, reviewer, signed")
        acts.approve(cast, "carol", sign_off.id, "The risk of a wrong answer here is small, and people can object.")
        stage.yes("carol, risk officer, signed")
        _hear_of(stage, pipeline)


def _hear_of(stage: Stage, pipeline: subprocess.Popen[str]) -> None:
    out, _ = pipeline.communicate()
    if pipeline.returncode != 0:
        raise SystemExit(f"the pipeline was not let through (exit code {pipeline.returncode}):\n{out}")
    stage.yes("the waiting pipeline got its answer at once: exit code 0, with a durable gate decision")


def _stop_the_hasty_one(stage: Stage, cast: Cast, version: Version) -> None:
    stage.scene("Be stopped", "The second model failed its verification: the gate says no, with what would resolve it.")
    answer = cast.ci.approval.ask_gate({"environment": ENVIRONMENT, "version_id": version.id})
    if answer.allowed:
        raise SystemExit("the gate let a model through that had failed its verification")
    for reason in answer.reasons:
        stage.no(f"{reason.code}: {reason.detail}", reason.resolve)
    stage.look(f"placet gate {HASTY} {version.number} --environment {ENVIRONMENT} --as ci; echo $?")


def _look_back(stage: Stage, cast: Cast) -> None:
    stage.scene("Look back", "Everything stands in the audit trail, the refused acts too; and what was true at any moment.")
    page = cast.erin.audit.timeline(1000, order="newest")
    refusals = sum(line.result == "refused" for line in page.items)
    stage.happened(f"{len(page.items)} acts on record, {refusals} of them refused; complete up to index {page.as_of_index}")
    for deployed in cast.erin.audit.as_of(environment=ENVIRONMENT).deployments:
        roles = " and ".join(approval.role for approval in deployed.approvals)
        stage.happened(f"{deployed.model_name} {deployed.version_number} is deployed in {ENVIRONMENT}, on the word of {roles}")
    stage.look("placet audit timeline --as erin")
    stage.look(f"placet audit as-of --environment {ENVIRONMENT} --as erin")
