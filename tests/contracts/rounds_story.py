"""A sign-off that goes through two rounds, and others that are not decided in time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from placet_shared.testing import eventually_blocking

WHY = {"rationale": "It holds on the December data."}
ROUNDS = {
    "kind": "Policy",
    "environment": "pilot",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}],
    "feedback": [{"group": "risk", "any_of": ["risk-officer"]}],
    "waivers": {"any_of": ["reviewer"], "for_at_most": "30d"},
}
# One for each, since of several that are due at the same look only the last one is said.
TIMED: list[dict[str, Any]] = [
    {"kind": "Policy", "environment": name, "previous_environment": "optional", "signatures": [{"role": "reviewer"}], "deadlines": terms}
    for name, terms in (
        ("reminding", {"remind_after": "1s"}),
        ("escalating", {"escalate_after": "1s", "escalate_to": "head-of-risk"}),
        ("ending", {"expire_after": "1s"}),
    )
]
LEASE: dict[str, Any] = {
    "kind": "Policy",
    "environment": "lease",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}],
    "expires_after": "60m",
    "review_before": "3599s",
}


def time_begins_to_pass(people: Any, version: str) -> list[str]:
    """Sign-offs that are left alone, and one that is approved and soon to be reviewed."""
    alice, bob, dora = people.as_("alice").approval, people.as_("bob").approval, people.as_("dora")
    policies = [*TIMED, LEASE]
    for policy in policies:
        dora.registry.define_environment(policy["environment"], "test")
        dora.approval.define_policy(json.dumps(policy))
    left = [str(alice.request_sign_off(version, str(policy["environment"]), WHY["rationale"]).id) for policy in policies]
    bob.act(left[-1], "approve", WHY)
    return left


def time_has_passed(people: Any, left: list[str]) -> None:
    alice = people.as_("alice").approval

    def has_passed() -> bool:
        acts = [act.act for id_ in left for act in alice.sign_off(id_).acts]
        return {"reminded", "escalated", "expired", "review_due"} <= {*acts}

    eventually_blocking(has_passed)


def people_go_through_rounds(people: Any, version: str) -> None:
    alice, bob, carol, dora = (people.as_(who).approval for who in ("alice", "bob", "carol", "dora"))
    people.as_("dora").registry.define_environment("pilot", "test")
    dora.define_policy(json.dumps(ROUNDS))
    sign_off = alice.request_sign_off(version, "pilot", WHY["rationale"]).id
    carol.act(sign_off, "feedback", {"group": "risk", "verdict": "major_issue", "comment": "Who is on call?", "attachments": ["a" * 64]})
    carol.act(sign_off, "feedback", {"group": "risk", "verdict": "minor_issue", "comment": "The name is long."})
    major, minor = (issue.id for issue in alice.sign_off(sign_off).issues)
    bob.act(sign_off, "request-changes", WHY)
    alice.act(sign_off, "reset", WHY)
    carol.act(sign_off, "feedback", {"group": "risk", "verdict": "approve"})
    carol.act(sign_off, f"issues/{minor}/resolve", WHY)
    soon = datetime.now(UTC) + timedelta(days=3)
    bob.act(sign_off, f"issues/{major}/waive", {**WHY, "until": soon.isoformat()})
    condition = {"owner": "alice", "due_at": soon.isoformat(), "condition": "Name who is on call."}
    bob.act(sign_off, "approve", {**WHY, "conditions": [condition]})
    [set_] = alice.sign_off(sign_off).conditions
    bob.act(sign_off, f"conditions/{set_.id}/met", WHY)
    dora.act(sign_off, "suspend", WHY)
    bob.act(sign_off, "resume", WHY)
