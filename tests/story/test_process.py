"""`placet demo --process` as its user meets it: what it leaves behind, what it leaves alone, and a demo that is killed."""

from typing import Any

import pytest

from placet.demo.process.ground import LIVE, MODEL, POLICY_DOCUMENT
from placet_shared.testing import eventually_blocking

from .conftest import Machine

pytestmark = pytest.mark.postgres

USERS_PLAN = "kind: Plan\nname: ours\nenvironments: [prod]\nchecks:\n  - {id: safe, check: artifact_safety}\n"
USERS_POLICY = "kind: Policy\nenvironment: prod\nsignatures: [{role: compliance}]\n"

ACTS = [
    ("SignOffRequested", "alice"),
    ("FeedbackGiven", "demo-sam"),
    ("FeedbackGiven", "demo-bea"),
    ("ActionRefused", "carol"),
    ("IssueWaived", "carol"),
    ("ApprovalGranted", "demo-nora"),
    ("ConditionSet", "carol"),
    ("ApprovalGranted", "carol"),
    ("SignOffApproved", "carol"),
    ("GateDecisionMade", "ci"),
    ("DeploymentReported", "ci"),
    ("BreakGlassOpened", "demo-olaf"),
    ("GateDecisionMade", "ci"),
    ("DeploymentReported", "ci"),
    ("BreakGlassClosed", "demo-olaf"),
    ("SignOffRequested", "alice"),
    ("FeedbackGiven", "demo-sam"),
    ("FeedbackGiven", "demo-bea"),
    ("ApprovalGranted", "bob"),
    ("ApprovalGranted", "carol"),
    ("SignOffApproved", "carol"),
    ("ActionRefused", "demo-olaf"),
    ("DebtReviewed", "bob"),
    ("DebtReviewed", "carol"),
    ("DebtSettled", "carol"),
    ("GateDecisionMade", "ci"),
    ("DeploymentReported", "ci"),
]
# Told when a loop or another service has come to it, before or after the next act.
IN_ITS_OWN_TIME = ("DirectiveIssued", "DirectiveResolved", "SignOffInvalidated")


def acts(machine: Machine) -> list[tuple[str, str]]:
    """What was done about the model by whom, in order, as the audit trail has it."""
    with machine.client("erin") as placet:
        names = {one.person_id: one.name for one in placet.approval.people(100).items}
        names |= {one.account_id: one.name for one in placet.approval.service_accounts(100).items}
        lines = placet.audit.timeline(1000, model=MODEL, order="oldest").items
    kept = [line for line in lines if line.type not in IN_ITS_OWN_TIME and line.result != "denied"]  # where a service was slow to answer
    return [(line.type, names.get(line.actor) or line.actor) for line in kept]


def whats_the_users(machine: Machine) -> dict[str, Any]:
    """People with their roles, plans, policies, what runs, absences and delegations, but for the demo's own."""
    with machine.client("dora") as placet:
        return {
            "people": [one.raw for one in placet.approval.people(100).items if not str(one.name).startswith("demo-")],
            "plans": [plan.raw for plan in placet.verification.plans(100).items if plan.name != MODEL],
            "policies": [policy.raw for policy in placet.approval.policies() if policy.environment != LIVE],
            "deployed": [one.raw for one in placet.registry.deployments(100).items if one.environment != LIVE],
            "absences": [one.raw for one in placet.approval.absences(100).items],
            "delegations": [one.raw for one in placet.approval.delegations(100, standing=True).items],
        }


@pytest.fixture(scope="module")
def before(machine: Machine) -> dict[str, Any]:
    """What a user has made before the process is told."""
    with machine.client("dora") as placet:
        placet.verification.publish_plan(USERS_PLAN)
        placet.approval.define_policy(USERS_POLICY)
        placet.approval.add_person("mona", "Mona", None, ["reviewer", "compliance"])
        placet.approval.state_absence("mona")
    return whats_the_users(machine)


@pytest.fixture(scope="module")
def told(machine: Machine, before: dict[str, Any]) -> list[str]:
    """What the demo said."""
    assert machine.tell(never, "--process") == 0, machine.said
    return list(machine.said)


def never(line: str) -> bool:
    return False


def test_process_leaves_its_acts_in_order(machine: Machine, told: list[str]) -> None:
    done = acts(machine)
    assert [act for act in done if act in ACTS] == ACTS


def test_process_leaves_a_signature_on_behalf_of_the_absent(machine: Machine, told: list[str]) -> None:
    with machine.client("erin") as placet:
        sign_offs = placet.approval.sign_offs(10, model=MODEL).items
        first = placet.approval.sign_off(sign_offs[-1].id)
    signed = [(one.by.name, one.on_behalf_of.name if one.on_behalf_of else None) for one in first.signatures]
    assert signed == [("demo-nora", "bob"), ("carol", None)]
    assert first.expired
    assert [(one.severity, one.state) for one in first.issues] == [("minor", "open"), ("major", "waived")]


def test_yes_that_ended_reached_production(machine: Machine, told: list[str]) -> None:
    with machine.client("erin") as placet:
        directives = placet.approval.directives(10, environment=LIVE).items
    first = directives[-1]
    assert (first.number, first.kind, first.because, first.how) == (1, "drain", "expired", "replaced")


def test_process_ends_with_a_yes_for_all_that_runs_and_without_a_debt(machine: Machine, told: list[str]) -> None:
    with machine.client("erin") as placet:
        unapproved = placet.approval.unapproved(10, LIVE).items
        debts = [(one.state, sorted(review.by.name or "" for review in one.reviews)) for one in placet.approval.debts(10).items]
        (glass,) = placet.approval.break_glasses(10).items
    assert unapproved == ()
    assert debts == [("settled", ["bob", "carol"])]
    assert glass.state == "closed"


@pytest.mark.parametrize(
    "refusal", ["carol tried to sign: 1 major issue holds", "demo-olaf tried to review the night: You opened", "the gate still says no"]
)
def test_process_tells_what_was_refused(told: list[str], refusal: str) -> None:
    assert any(refusal in line for line in told), told


def test_process_leaves_what_is_the_users_as_it_was(machine: Machine, before: dict[str, Any], told: list[str]) -> None:
    assert whats_the_users(machine) == before


def test_process_told_again_adds_nothing(machine: Machine, before: dict[str, Any], told: list[str]) -> None:
    once = acts(machine)
    assert machine.tell(never, "--process") == 0, machine.said
    assert acts(machine) == once
    assert whats_the_users(machine) == before


def test_tokens_of_the_people_are_where_a_command_finds_them_and_for_their_owner_only(machine: Machine, told: list[str]) -> None:
    asked = machine.placet("signoff", "list", "-e", LIVE, "--as", "demo-sam")
    assert (asked.returncode, MODEL in asked.stdout) == (0, True), asked.stderr
    files = [machine.folder / "tokens" / f"demo-{name}.token" for name in ("sam", "bea", "nora", "olaf")]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def refused(machine: Machine, because: str) -> None:
    """The demo is told and changes nothing."""
    once = acts(machine)
    assert machine.tell(never, "--process") not in (0, None)
    assert any(because in line for line in machine.said), machine.said
    assert acts(machine) == once


def test_process_is_not_told_where_a_person_with_a_name_of_its_own_has_another_role(machine: Machine, told: list[str]) -> None:
    with machine.client("dora") as placet:
        placet.approval.change_roles("demo-sam", ["developer"])
        refused(machine, "There is a person demo-sam here with other roles")
        placet.approval.change_roles("demo-sam", ["demo-operations"])


def test_process_is_not_told_under_another_policy_than_its_own(machine: Machine, told: list[str]) -> None:
    with machine.client("dora") as placet:
        placet.approval.define_policy(POLICY_DOCUMENT.replace("for_at_most: 1h", "for_at_most: 2h"))
        refused(machine, f"There is a policy for {LIVE} here that is not the demo's")
        placet.approval.define_policy(POLICY_DOCUMENT)


def test_process_is_not_told_where_two_admins_give_access(machine: Machine, told: list[str]) -> None:
    with machine.client("dora") as placet:
        placet.approval.add_person("olga", "Olga", None, ["admin"])
        placet.approval.define_access_policy("kind: AccessPolicy\ntwo_admins: true\n")
    refused(machine, "a second admin confirms who is given a role")


# After each of these lines the demo is killed and told again.
DEATHS = (
    "dora defined the environment",
    "raised a minor issue",
    "raised a major issue",
    "waived it",
    "bob is away",
    "on behalf of bob",
    "on a condition",
    "a directive about",
    "broke glass",
    "closed it",
    "no objection",
    "bob, who had no part",
)


def test_process_comes_to_its_end_wherever_it_is_killed(other_machine: Machine) -> None:
    to_come = list(DEATHS)

    def heard(line: str) -> bool:
        words = next((words for words in to_come if words in line), None)
        if words:
            to_come.remove(words)
        return words is not None

    while other_machine.tell(heard, "--process") != 0:
        if other_machine.said and "on a condition" in other_machine.said[-1]:
            eventually_blocking(is_over, other_machine, deadline=60.0)
        assert len(other_machine.said) > 1, other_machine.log()
    assert to_come == []
    with other_machine.client("erin") as placet:
        assert placet.approval.unapproved(10, LIVE).items == ()
        assert placet.approval.debts(10, open=True).items == ()
        assert placet.approval.break_glasses(10, open=True).items == ()
        assert placet.approval.absences(10).items == ()
        assert [one.number for one in placet.registry.deployments(10, environment=LIVE).items] == [2]


def is_over(machine: Machine) -> bool:
    with machine.client("erin") as placet:
        return placet.approval.sign_offs(1, model=MODEL).items[0].expired
