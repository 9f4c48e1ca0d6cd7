"""Where the process is told: an environment, a policy and a plan of its own, which nothing else is for."""

from typing import Any

from placet.demo.environments import NameTaken
from placet.demo.insurance import FEATURES, LABEL
from placet.demo.people import DemoPeople
from placet.demo.plan import TEST_DATA
from placet_client.answers.policies import Policy
from placet_client.problems import ClientError, Problem

__all__ = ["LIVE", "MODEL", "PLAN_DOCUMENT", "POLICY_DOCUMENT", "prepare_ground", "refuse_other_ground"]

LIVE = "placet-process"
MODEL = "sees-doctor-live"
PLAN = "sees-doctor-live"

POLICY_DOCUMENT = f"""\
kind: Policy
environment: {LIVE}
feedback:                       # before people sign
  - {{group: operations, any_of: [demo-operations]}}
  - {{group: business, any_of: [demo-business]}}
waivers: {{any_of: [risk-officer], for_at_most: 30d}}
signatures:
  - {{role: reviewer}}
  - {{role: risk-officer}}
evidence:
  verification: {{max_age: 30d}}
when_a_yes_ends: drain
break_glass: {{roles: [demo-on-call], for_at_most: 1h}}
previous_environment: optional
"""

PLAN_DOCUMENT = f"""\
kind: Plan
name: {PLAN}
environments: [{LIVE}]
for:
  models: [{MODEL}]
task: binary
dataset:
  name: {TEST_DATA}
  label: {LABEL}
inputs:
  - name: features
    columns: [{", ".join(FEATURES)}]
prediction:
  scores: probabilities
  labels: label
  classes: ["0", "1"]
  positive: "1"
checks:
  - {{id: safe-to-load, check: artifact_safety}}
  - {{id: ranks-people-well, metric: roc_auc, comparator: ">=", threshold: 0.65}}
"""


def refuse_other_ground(people: DemoPeople) -> None:
    """Raises `NameTaken` before anything was changed: for an environment, a plan or a model that is not the demo's."""
    policy = _policy(people)
    if policy and _terms(policy.content) != _terms(people.dora.approval.check_policy(POLICY_DOCUMENT).content):
        raise _taken(f"a policy for {LIVE}")
    me = people.dora.approval.whoami().id
    if any(one.name == LIVE and one.defined_by != me for one in people.dora.registry.environments().items):
        raise _taken(f"an environment {LIVE}")
    if (plan := _plan(people)) and (plan.get("dataset") or {}).get("name") != TEST_DATA:
        raise _taken(f"a plan {PLAN}")
    model = people.alice.registry.find_model(MODEL)
    if model and model.registered_by != people.alice.approval.whoami().id:
        raise _taken(f"a model {MODEL}")
    if people.dora.approval.access_policy().two_admins:
        raise ClientError(
            "Here a second admin confirms who is given a role, and the demo has one admin only.",
            "To see it, use another installation for the demo: PLACET_DATA_DIR=/tmp/demo placet up",
        )


def prepare_ground(people: DemoPeople) -> None:
    """dora defines what is missing: the environment after all others, so that none has it before itself, its policy, the plan."""
    known = [one.name for one in people.dora.registry.environments().items]
    if LIVE not in known:
        people.dora.registry.define_environment(LIVE, known[-1])
    if _policy(people) is None:
        people.dora.approval.define_policy(POLICY_DOCUMENT)
    people.dora.verification.publish_plan(PLAN_DOCUMENT)


def _policy(people: DemoPeople) -> Policy | None:
    return next((policy for policy in people.dora.approval.policies() if policy.environment == LIVE), None)


def _plan(people: DemoPeople) -> dict[str, Any] | None:
    try:
        return people.dora.verification.plan(PLAN).document
    except Problem as problem:
        if problem.code == "plan_not_found":
            return None
        raise


def _terms(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "version"}


def _taken(what: str) -> NameTaken:
    return NameTaken(
        f"There is {what} here that is not the demo's, and the demo changes nothing that is not its own.",
        "To see it, use another installation for the demo: PLACET_DATA_DIR=/tmp/demo placet up",
    )
