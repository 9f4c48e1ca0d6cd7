"""The demo as its user meets it; and whatever is killed while it is told, what stands in the log at the end is the same."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from placet_approval import bootstrap as approval
from placet_audit import bootstrap as audit
from placet_registry import bootstrap as registry
from placet_verification import bootstrap as verification

from .conftest import SERVICES, Machine

pytestmark = pytest.mark.postgres

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
TIMELINE = "audit.timeline_rows"
COUNTED_BY_THE_MINUTE = "GateQuestionsCounted"  # recorded up to a minute after the questions, whatever a test does meanwhile
HMAC = re.compile(r"[0-9a-f]{64}")

REPLAYS: dict[str, Iterable[str]] = {
    "registry": registry.REPLAYS,
    "verification": verification.REPLAYS,
    "approval": approval.REPLAYS,
    "audit": audit.REPLAYS,
}

Story = dict[tuple[str, str], list[tuple[str, str, Any]]]


def without_ids_and_times(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: without_ids_and_times(one, key) for key, one in value.items() if key != "positions"}
    if isinstance(value, list):
        return [without_ids_and_times(one) for one in value]
    if isinstance(value, str) and (UUID.fullmatch(value) or TIME.match(value) or name == "hmac"):
        return "…"
    return value


def is_refusal(type_: str, data: dict[str, Any]) -> bool:
    return type_ == "ActionRefused" or (type_ == "GateDecisionMade" and not data["allowed"])


def story_of(machine: Machine) -> Story:
    """Per source and model, in order: type, actor, data; refusals apart."""
    story: Story = defaultdict(list)
    with machine.client("erin") as placet:
        names = {one.person_id: one.name for one in placet.approval.people(100).items}
        names |= {one.account_id: one.name for one in placet.approval.service_accounts(100).items}
        for line in placet.audit.timeline(1000, order="oldest").items:
            if line.model_name is None:
                continue
            data = orjson.loads(placet.audit.entry(line.index).data_bytes)
            if not is_refusal(line.type, data):
                actor = names.get(line.actor) or line.actor
                story[line.source, line.model_name].append((line.type, actor, without_ids_and_times(data)))
    return story


@pytest.fixture(scope="module")
def whole_story(machine: Machine) -> Story:
    assert machine.tell() == 0, machine.said
    return story_of(machine)


def test_services_are_forked_from_one_process_that_has_nothing_of_theirs(machine: Machine) -> None:
    services = [machine.process(name) for name in (*SERVICES, "worker")]
    (server,) = {process.ppid(): process.parent() for process in services}.values()
    assert server is not None
    assert (server.num_threads(), server.net_connections()) == (1, [])
    assert {opened.fd for opened in server.open_files()} <= {2}, "where it would complain"
    assert server.environ().keys() & {"PATH", "PLACET_DATA_DIR", "PLACET_REGISTRY_PORT"} == {"PATH"}
    loaded = {mapped.path for mapped in server.memory_maps()}
    assert not any("numpy" in path for path in loaded), "it has threads and a random state"
    assert len({os.getpgid(process.pid) for process in (server, *services)}) == len(services) + 1


def test_demo_brings_one_model_to_production_and_stops_the_other(machine: Machine, whole_story: Story) -> None:
    assert [type_ for type_, _, _ in whole_story["approval", "sees-doctor"]] == [
        "SignOffOpened",
        "SignOffRequested",
        "ApprovalGranted",
        "SignOffApproved",
        "SignOffOpened",
        "SignOffRequested",
        "ApprovalGranted",
        "ApprovalGranted",
        "SignOffApproved",
        "GateDecisionMade",
    ]
    assert [type_ for type_, _, _ in whole_story["registry", "sees-doctor"]][-1] == "DeploymentReported"
    assert [type_ for type_, _, _ in whole_story["verification", "sees-doctor-quick"]] == ["RunRequested", "VerificationFailed"]
    assert ("approval", "sees-doctor-quick") not in whole_story


def test_demo_leaves_its_refusals_in_the_audit_trail(machine: Machine, whole_story: Story) -> None:
    with machine.client("erin") as placet:
        refused = placet.audit.timeline(100, model="sees-doctor", result="refused").items
    assert [(line.details["action"], line.details["code"]) for line in refused] == [("grant_approval", "separation_of_duties")]


def test_deployment_can_be_traced_to_the_people_who_approved_it(machine: Machine, whole_story: Story) -> None:
    with machine.client("erin") as placet:
        state = placet.audit.as_of(environment="prod")
        again = placet.audit.as_of(index=state.index, environment="prod")
    (deployed,) = state.deployments
    assert (deployed.model_name, deployed.version_number) == ("sees-doctor", 1)
    assert [approval.role for approval in deployed.approvals] == ["reviewer", "risk-officer"]
    assert again.deployments == state.deployments


def test_demo_told_again_adds_nothing(machine: Machine, whole_story: Story) -> None:
    assert machine.tell() == 0, machine.said
    assert story_of(machine) == whole_story


def test_every_projection_built_anew_is_the_one_that_was(machine: Machine, whole_story: Story) -> None:
    before = machine.projections()
    unused = {
        "approval.absences", "approval.access_changes", "approval.access_policies", "approval.break_glasses", "approval.channels",
        "approval.completed_steps", "approval.debt_reviews", "approval.debts", "approval.delegations", "approval.directives",
        "approval.notification_preferences", "approval.reassignments", "approval.releases", "approval.standing_noes", "approval.webhooks",
        "verification.attestations",
    }  # fmt: skip
    assert {table for table, rows in before.items() if not rows} == unused, (
        "the demo has no no, no deputy, no emergency, no release and no step"
    )
    for service, projections in REPLAYS.items():
        done = machine.placet("rebuild", service, "all")
        assert done.returncode == 0, done.stderr
        assert [line.split(" is rebuilt and serves: ")[0] for line in done.stdout.splitlines()] == sorted(projections)
    after = machine.projections()
    late = {row for row in after[TIMELINE] if COUNTED_BY_THE_MINUTE in row} - set(before[TIMELINE])
    assert {**after, TIMELINE: [row for row in after[TIMELINE] if row not in late]} == before
    assert story_of(machine) == whole_story
    assert machine.generations() == {2, 3}, "spans are built twice: alone, and as part of the views"


def test_everything_is_there_once_after_all_was_killed(machine: Machine, whole_story: Story) -> None:
    machine.kill_everything()
    machine.start()
    assert story_of(machine) == whole_story
    with machine.client("alice") as placet:
        assert [model.name for model in placet.registry.models(10).items] == ["sees-doctor", "sees-doctor-quick"]


USERS_PLAN = """\
kind: Plan
name: ours
environments: [prod]
checks:
  - {id: safe, check: artifact_safety}
  - {id: described, check: required_tags, tags: [{key: governance/owner}]}
"""
USERS_POLICY = "kind: Policy\nenvironment: prod\nsignatures: [{role: compliance}]\n"


def whats_the_users(machine: Machine) -> dict[str, Any]:
    """People with their roles, every plan and policy but the demo's, and what runs in production."""
    with machine.client("dora") as placet:
        people = [{**one.raw, "changed_at": None} for one in placet.approval.people(100).items]
        plans = [plan.raw for plan in placet.verification.plans(100).items if plan.name != "sees-doctor"]
        policies = [policy.raw for policy in placet.approval.policies() if policy.environment != "placet-demo"]
        deployed = [one.raw for one in placet.registry.deployments(100, environment="prod").items]
        return {"people": people, "plans": plans, "policies": policies, "deployed": deployed}


def test_demo_beside_plans_policies_and_people_of_the_user_leaves_them_as_they_are(machine: Machine, whole_story: Story) -> None:
    with machine.client("dora") as placet:
        placet.verification.publish_plan(USERS_PLAN)
        placet.approval.define_policy(USERS_POLICY)
        placet.approval.add_person("mona", "Mona", None, ["reviewer", "compliance"])
    before = whats_the_users(machine)
    assert machine.tell() == 0, machine.said
    assert any("an environment of its own: placet-demo" in line for line in machine.said), machine.said
    assert whats_the_users(machine) == before
    with machine.client("erin") as placet:
        (deployed,) = placet.audit.as_of(environment="placet-demo").deployments
    assert (deployed.model_name, [approval.role for approval in deployed.approvals]) == ("sees-doctor", ["reviewer", "risk-officer"])


def test_demo_changes_no_plan_of_another_that_has_the_name_of_its_own(machine: Machine, whole_story: Story) -> None:
    with machine.client("dora") as placet:
        mine = placet.verification.publish_plan(USERS_PLAN.replace("name: ours", "name: sees-doctor"))
    assert machine.tell() not in (0, None)
    assert any("There is a plan sees-doctor here that is not the demo's" in line for line in machine.said), machine.said
    with machine.client("dora") as placet:
        assert placet.verification.plan("sees-doctor").version == mine.version


# After which line of the demo what is killed; the demo itself is told again from the beginning.
DEATHS = {
    "exported to ONNX": "registry",
    "alice registered sees-doctor 1": "approval",
    "dora published": "worker",
    "sees-doctor passed": "demo",
    "sees-doctor-quick failed": "verification",
    "alice requested": "postgres",
    "a pipeline waits": "approval",
    "bob, reviewer, signed": "demo",
    "carol, risk officer, signed": "up",
    "got its answer": "demo",
    "reported it": "audit",
}
# What comes after the signature or the answer at which the demo itself is killed.
NEVER_SAID = 3


def test_story_is_the_same_whatever_was_killed_while_it_was_told(other_machine: Machine, whole_story: Story) -> None:
    to_come = dict(DEATHS)

    def heard(line: str) -> bool:
        said = next((words for words in to_come if words in line), None)
        if said is None:
            return False
        victim = to_come.pop(said)
        if victim == "demo":
            return True
        other_machine.kill(victim)
        return False

    tellings = 0
    while other_machine.tell(heard) != 0:
        tellings += 1
        assert tellings < 3 * len(DEATHS), other_machine.log()
    # A demo that is killed may have done what it was about to say, and then it is never said: such a victim dies between two tellings.
    assert len(to_come) <= NEVER_SAID, to_come
    for victim in to_come.values():
        if victim != "demo":
            other_machine.kill(victim)
    assert other_machine.tell() == 0, other_machine.said
    assert story_of(other_machine) == whole_story
