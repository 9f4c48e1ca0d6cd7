"""A release of two models, from its request to its end."""

from typing import Any

from placet_client import Registration

ENVIRONMENT = "released"
WHY = {"rationale": "Both of them hold on the December data."}
POLICY = f"""
kind: Policy
environment: {ENVIRONMENT}
signatures:
  - role: reviewer
  - role: risk-officer
previous_environment: optional
"""


def release_is_signed_and_ends(people: Any, version: str) -> None:
    """Its bytes are of two models; when one of them is revoked, the other one's sign-off is invalidated with it."""
    alice, dora = people.as_("alice"), people.as_("dora")
    dora.registry.define_environment(ENVIRONMENT, "test")
    assert dora.approval.define_policy(POLICY).changed
    alice.registry.register_model("offers")
    offers = Registration("offers", people.file("offers.onnx", b"offers"), "onnx", lineage={"trained_by": ["alice"]})
    other = alice.registry.register(offers).version.id
    requested = alice.approval.request_release("2026-12", ENVIRONMENT, [version, other], WHY["rationale"])
    for person in ("bob", "carol"):
        people.as_(person).approval.decide_release(requested.id, "approve", WHY)
    assert alice.approval.release(requested.id).state == "approved"
    dora.approval.act(requested.members[0]["sign_off_id"], "revoke", WHY)
    assert {one.state for one in alice.approval.release(requested.id).members} == {"revoked", "invalidated"}
