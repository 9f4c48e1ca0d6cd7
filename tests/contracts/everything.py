"""A story in which everything happens that an installation can tell of."""

import asyncio
import json
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from onnx import TensorProto, helper

from placet_client import Client, DataSetFile, Positions, Problem, Registration
from placet_client.answers.answer import Answer
from placet_client.calls import Call
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually_blocking

from .by_hand import execute, first_event, gate_counts_are_flushed, park_by_hand
from .releases_story import release_is_signed_and_ends
from .rounds_story import people_go_through_rounds, time_begins_to_pass, time_has_passed
from .steps_story import people_complete_steps

ENVIRONMENT = "canary"
WHY = {"rationale": "It holds on the December data."}
ENDED_WITHIN = 60.0

# Service → source, consumer and type of an event that can be applied once more without an effect.
PARKED = {
    "registry": ("approval", "approval", "PolicyDefined"),
    "verification": ("approval", "approval", "PolicyDefined"),
    "approval": ("registry", "registry", "ModelRegistered"),
    "audit": ("approval", "approval/credentials", "PolicyDefined"),
}

POLICY = {
    "kind": "Policy",
    "environment": ENVIRONMENT,
    "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}],
    "evidence": {"verification": {"max_age": "30d"}},
    "owner": "admin",
    "previous_environment": "optional",
}

FLOOR = {"kind": "Floor", "environment": ENVIRONMENT, "name": "bank", "signatures": [{"role": "reviewer"}], "mode": "prevent"}

PLAN = {
    "kind": "Plan",
    "name": "larger",
    "environment": ENVIRONMENT,
    "task": "binary",
    "dataset": {"label": "larger"},
    "inputs": [{"name": "X", "columns": ["x"]}],
    "prediction": {"scores": "P", "classes": ["0", "1"], "positive": "1"},
    "checks": [{"id": "auc", "metric": "roc_auc", "comparator": ">=", "threshold": 1}],
}


def sigmoid() -> bytes:
    """An ONNX model P = 1 / (1 + exp(-X))."""
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["rows", 1])]
    outputs = [helper.make_tensor_value_info("P", TensorProto.FLOAT, ["rows", 1])]
    graph = helper.make_graph([helper.make_node("Sigmoid", ["X"], ["P"])], "g", inputs, outputs)
    return bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString())


def numbers() -> bytes:
    """200 rows; the label says whether x is above 0."""
    return "\n".join(["x,larger", *[f"{x},{int(x > 0)}" for x in range(-100, 100)], ""]).encode()


@dataclass
class DemoPeople:
    """Who acts; all have seen what any of them has."""

    installation: Any
    folder: Path
    stack: ExitStack
    positions: Positions = field(default_factory=Positions)
    clients: dict[str, Client] = field(default_factory=dict)

    def as_(self, who: str) -> Client:
        if who not in self.clients:
            one = Client(self.installation.addresses, self.installation.token(who), self.positions)
            self.clients[who] = self.stack.enter_context(one)
        return self.clients[who]

    def call(self, who: str, method: Any, path: str, body: Any = None, service: str = "registry") -> None:
        """What the Python client has no word for."""
        self.as_(who).run(Call(service, method, path, Answer, json=body))

    def file(self, name: str, content: bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content)
        return file


def tell_everything(installation: Any, folder: Path) -> None:
    """Afterwards every event type of the catalogue is in some feed."""
    with ExitStack() as stack:
        people = DemoPeople(installation, folder, stack)
        people_come_and_go(people)
        versions = models_are_registered(people)
        timed = time_begins_to_pass(people, versions[0])
        release_is_signed_and_ends(people, versions[0])
        versions_are_tried(people, versions)
        tests_are_attested(people)
        people_go_through_rounds(people, versions[0])
        people_decide(people, versions[0])
        people_complete_steps(people, "churn")
        versions_are_deployed(people, versions[0])
        glass_is_broken(people, versions[1])
        parked_events_are_resolved(people)
        people_and_systems_are_told(people)
        texts_are_erased(people)
        lost_history_is_gone_through(people)
        actions_are_refused(people, versions[0])
        time_has_passed(people, timed)
        a_second_admin_confirms(people)
    gate_counts_are_flushed(installation)


def people_come_and_go(people: DemoPeople) -> None:
    dora = people.as_("dora").approval
    dora.add_person("frank", "Frank", None, ["reviewer"])
    dora.change_roles("frank", ["reviewer", "risk-officer"])
    token = dora.issue_token("frank", "2099-01-01T00:00:00Z")
    dora.revoke_token(token.token_id, "It was on a laptop that was lost.")
    dora.deactivate("frank")
    people.call("dora", "POST", "/v1/people/frank/erase", service="approval")
    for path, body in [("", {"name": "nightly", "roles": []}), ("/nightly/roles", {"roles": ["pipeline"]}), ("/nightly/deactivate", {})]:
        people.call("dora", "POST", f"/v1/service-accounts{path}", body, "approval")


def models_are_registered(people: DemoPeople) -> tuple[str, str]:
    """A version that can be tried, and one that can't."""
    alice = people.as_("alice").registry
    people.as_("dora").registry.define_environment(ENVIRONMENT, "test")
    model = alice.register_model("churn", "Who is about to leave.", {"team": "risk"}).id
    people.call("alice", "PUT", f"/v1/models/{model}/description", {"description": "Who will leave within a year."})
    people.call("alice", "PUT", f"/v1/models/{model}/tags/tier", {"value": "1"})
    people.call("alice", "DELETE", f"/v1/models/{model}/tags/tier")
    data = alice.upload(people.file("data.csv", numbers()))
    alice.add_dataset(DataSetFile("churn-test", people.folder / "data.csv", "test", period=("2026-01-01", "2026-03-31")))
    lineage = {
        "training_run": "run-2026-11-23.1",
        "experiment": "churn/baseline",
        "commit": "c" * 40,
        "data": [{"sha256": data, "role": "train"}],
        "parameters": {"C": 0.5, "solver": "lbfgs", "warm": True, "seed": None},
        "metrics": {"auc": 0.91},
        "trained_by": ["alice"],
        "prepared_by": ["alice"],
    }
    columns = {"inputs": [{"name": "X", "type": "tensor(float)", "shape": [None, 1]}], "outputs": [{"name": "P", "type": "tensor(float)"}]}
    good = Registration("churn", people.file("good.onnx", sigmoid()), "onnx", lineage=lineage, signature=columns)
    broken = Registration("churn", people.file("broken.onnx", b"no ONNX"), "onnx")
    versions = alice.register(good).version.id, alice.register(broken).version.id
    assert alice.add_lineage(versions[1], ["alice"], ["erin"], [{"sha256": "d" * 64, "role": "train"}]).added
    return versions


def versions_are_tried(people: DemoPeople, versions: tuple[str, str]) -> None:
    """A plan that the good version fails is published after one that it passes."""
    good, broken = versions
    data = people.as_("alice").registry.upload(people.folder / "data.csv")
    publish = people.as_("dora").verification.publish_plan
    plan = {**PLAN, "dataset": {"sha256": data, "label": "larger"}}
    publish(json.dumps(plan).replace('">="', '">"'))
    assert tried(people, good) == "failed"
    assert tried(people, broken) == "errored"
    publish(json.dumps(plan))
    assert tried(people, good) == "passed"
    short_lived = {"kind": "Plan", "name": "short-lived", "environment": ENVIRONMENT, "checks": [{"id": "a", "check": "artifact_safety"}]}
    publish(json.dumps(short_lived))
    people.as_("dora").verification.withdraw_plan("short-lived", "The other plan looks at the artifact too.")
    eventually_blocking(lambda: is_cancelled(people, good))


def tests_are_attested(people: DemoPeople) -> None:
    """By a key that no plan trusts: recording is not trusting."""
    digest = sha256((people.folder / "good.onnx").read_bytes()).hexdigest()
    predicate = {"result": "PASSED", "configuration": [], "passedTests": ["prompt injection"]}
    said = {"_type": "https://in-toto.io/Statement/v1", "subject": [{"digest": {"sha256": digest}}], "predicate": predicate}
    payload = json.dumps({**said, "predicateType": "https://in-toto.io/attestation/test-result/v0.1"}).encode()
    envelope = {"payloadType": "application/vnd.in-toto+json", "payload": b64encode(payload).decode(), "signatures": [{"sig": "AA=="}]}
    people.as_("ci").verification.add_attestation(people.file("tests.dsse.json", json.dumps(envelope).encode()))


def tried(people: DemoPeople, version: str) -> Any:
    verification = people.as_("alice").verification
    run = verification.request_run(version, ENVIRONMENT)
    return verification.wait_for_run(run.id, ENDED_WITHIN).status


def is_cancelled(people: DemoPeople, version: str) -> bool:
    """A run that was requested now, unless it ended before."""
    verification = people.as_("alice").verification
    try:
        verification.cancel_run(verification.request_run(version, ENVIRONMENT).id, "The plan is about to change.")
    except Problem:
        return False
    return True


def policies_select_models(people: DemoPeople) -> None:
    """A floor stays, and raises what the environment asks for by nothing; a policy for some models goes again."""
    dora = people.as_("dora").approval
    assert dora.define_policy(json.dumps(FLOOR)).changed
    some = {**POLICY, "name": "cards", "for": {"models": ["card-*"], "tags": {"governance/risk": "high"}}, "takes_effect": "at-renewal"}
    assert dora.define_policy(json.dumps(some)).changed
    dora.withdraw_policy(ENVIRONMENT, "cards", "The models are retired.")


def people_decide(people: DemoPeople, version: str) -> None:
    alice, bob, carol, dora = (people.as_(who).approval for who in ("alice", "bob", "carol", "dora"))
    assert dora.define_policy(json.dumps({**POLICY, "previous_environment": "required", "soak": "1h"})).changed
    assert dora.define_policy(json.dumps(POLICY)).changed
    policies_select_models(people)

    def request() -> str:
        return str(alice.request_sign_off(version, ENVIRONMENT, WHY["rationale"]).id)

    signed_in_anothers_place(people, request())
    approved = request()
    carol.act(approved, "comments", {"text": "What of new customers?"})
    bob.act(approved, "approve", WHY)
    bob.act(approved, "revoke", WHY)
    bob.act(approved, "approve", WHY)
    carol.act(approved, "approve", WHY)
    people.as_("ci").approval.ask_gate({"environment": ENVIRONMENT, "version_id": version})
    decision = people.as_("ci").approval.decide({"environment": ENVIRONMENT, "version_id": version})
    assert decision.allowed, decision
    signers_are_contested(people, approved)
    dora.act(approved, "revoke", WHY)
    carol.act(request(), "reject", WHY)
    alice.act(request(), "withdraw", WHY)
    outdated = request()
    assert dora.define_policy(json.dumps({**POLICY, "expires_after": "60d", "takes_effect": "immediately"})).changed
    alice.wait(outdated, 20.0)
    assert alice.sign_off(outdated).state == "invalidated"


def signed_in_anothers_place(people: DemoPeople, sign_off: str) -> None:
    """Bob lets carol sign for him for a day, and takes it back; dora lets erin sign for him while he is away."""
    bob, carol = people.as_("bob").approval, people.as_("carol").approval
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    lent = bob.delegate("carol", until, "A day off.", environments=[ENVIRONMENT], models=["chu*"])
    carol.act(sign_off, "approve", {**WHY, "on_behalf_of": "bob"})
    bob.act(sign_off, "revoke", WHY)
    bob.end_delegation(lent.id, "Back.")
    bob.state_absence(ends_at=until)
    reassigned = {"absent": "bob", "to": "erin", "role": "reviewer", "reason": "Bob is away."}
    people.as_("dora").approval.act(sign_off, "reassign", reassigned)
    bob.clear_absence("bob")
    carol.act(sign_off, "reject", {**WHY, "scope": "request"})


def signers_are_contested(people: DemoPeople, sign_off: str) -> None:
    """Alice claims that bob, who has signed, trained the same bytes; an admin sets it aside."""
    alice, dora = people.as_("alice"), people.as_("dora").approval
    alice.registry.register(Registration("copy", people.folder / "good.onnx", "onnx", lineage={"trained_by": ["bob"]}))

    def is_contested() -> bool:
        return "lineage_contested" in [act.act for act in alice.approval.sign_off(sign_off).acts]

    eventually_blocking(is_contested)
    dora.act(sign_off, "lineage", {"verdict": "set_aside", **WHY})


def versions_are_deployed(people: DemoPeople, version: str) -> None:
    ci = people.as_("ci").registry
    deployment = ci.report_deployment("dev", version)
    ci.end_deployment(deployment.id, "Replaced by the new scoring service.")


def glass_is_broken(people: DemoPeople, version: str) -> None:
    """By dora, with a token of now; what it let in runs without a yes afterwards, and then ends."""
    dora, ci = people.as_("dora").approval, people.as_("ci")
    policy = {**POLICY, "break_glass": {"roles": ["admin"]}, "when_a_yes_ends": "drain"}
    assert dora.define_policy(json.dumps(policy)).changed
    digest = sha256((people.folder / "broken.onnx").read_bytes()).hexdigest()
    emergency = {"environment": ENVIRONMENT, "digest": digest, "incident": "INC-2041", "reason": "The version before fails on every row."}
    with Client(people.installation.addresses, dora.issue_token("dora").token or "", people.positions) as fresh:
        opened = fresh.approval.open_break_glass({**emergency, "minutes": 60})
        decision = ci.approval.decide({"environment": ENVIRONMENT, "version_id": version})
        assert decision.break_glass == opened.id, decision
        deployment = ci.registry.report_deployment(ENVIRONMENT, version).id
        fresh.approval.close_break_glass(opened.id)
    for reviewer in ("bob", "carol"):
        people.as_(reviewer).approval.review_debt(opened.debt_id, "It was right.")
    assert dora.debt(opened.debt_id).state == "settled"
    eventually_blocking(lambda: deployment in [one.deployment_id for one in dora.directives(state="open").items])
    ci.registry.end_deployment(deployment, "Drained.")
    eventually_blocking(lambda: deployment not in [one.deployment_id for one in dora.directives(state="open").items])


def actions_are_refused(people: DemoPeople, version: str) -> None:
    with pytest.raises(Problem):
        people.as_("alice").registry.register_model("churn")
    with pytest.raises(Problem):
        people.as_("erin").verification.request_run(version, ENVIRONMENT)
    with pytest.raises(Problem):
        people.as_("erin").approval.request_sign_off(version, ENVIRONMENT)


def a_second_admin_confirms(people: DemoPeople) -> None:
    """Until one admin is enough again: bob, whose token is of the installation as dora's is."""
    dora, bob = people.as_("dora").approval, people.as_("bob").approval
    dora.change_roles("bob", ["reviewer", "admin"])
    assert dora.define_access_policy("kind: AccessPolicy\ntwo_admins: true").changed
    given = [dora.change_roles("erin", ["auditor", "reviewer"]).proposed_change, dora.issue_token("erin").proposed_change]
    bob.withdraw_access_change(given[0] or "")
    bob.confirm_access_change(given[1] or "")
    bob.withdraw_access_change(dora.define_policy(json.dumps({**POLICY, "expires_after": "90d"})).proposed_change or "")
    weaker = dora.define_access_policy("kind: AccessPolicy\ntwo_admins: false").proposed_change
    bob.confirm_access_change(weaker or "")
    dora.change_roles("bob", ["reviewer"])


def parked_events_are_resolved(people: DemoPeople) -> None:
    """Nothing fails here by itself: events that are applied long since are put where those that failed would be."""
    dora = people.as_("dora")
    for service, (source, consumer, type_) in PARKED.items():
        event = first_event(people.installation, source, type_)
        for resolve in (dora.parked.retry, partial(dora.parked.go_on_without, reason="It was applied before.")):
            asyncio.run(park_by_hand(people.installation.surroundings.embedded[service].login, service, consumer, event))
            assert not resolve(service, consumer, event.position).parked
    with pytest.raises(Problem):
        people.as_("erin").parked.retry("audit", "approval/credentials", 1)


def people_and_systems_are_told(people: DemoPeople) -> None:
    """A person says when; and there is no receiver at this address, the event is sent again all the same."""
    dora = people.as_("dora").approval
    dora.change_address("dora", "dora@example.org")
    dora.change_notifications("daily", daily_at=9, time_zone="Europe/Berlin")
    webhook = dora.add_webhook("http://127.0.0.1:1024/", ["SignOffApproved"]).webhook_id
    dora.rotate_webhook_secret(webhook)
    dora.ping_webhook(webhook)
    [ping] = eventually_blocking(lambda: dora.deliveries(webhook).items)
    dora.redeliver(webhook, ping.event_id)
    dora.disable_webhook(webhook)
    dora.enable_webhook(webhook)
    dora.disable_webhook(webhook)
    channel = dora.add_channel("slack", "http://127.0.0.1:1024/", ["reviewer"]).channel_id
    dora.try_channel(channel)
    dora.remove_channel(channel)


def texts_are_erased(people: DemoPeople) -> None:
    """In each service the reason for which a parked event was skipped."""
    for service in PARKED:
        skipped = first_event(people.installation, service, "ParkedEventSkipped")
        assert people.as_("dora").erase_text(service, json.loads(skipped.data)["reason"]["id"]).subject == skipped.subject


def lost_history_is_gone_through(people: DemoPeople) -> None:
    """Nothing is lost here: a follower's mark is put where one would be that is beside this history."""
    url = people.installation.surroundings.embedded["approval"].login
    asyncio.run(execute(url, "approval", "insert into lost_branches values ($1, 1, 1, 'registry')", new_id()))
    people.as_("dora").approval.apply_lost_history("It was a drill.", incomplete=True)
