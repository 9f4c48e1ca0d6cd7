"""The gate on a real PostgreSQL: facts from one snapshot, and durable decisions that nothing can overtake."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from placet_approval.commands.make_gate_decision import MadeGateDecision, MakeGateDecision, make_gate_decision
from placet_approval.domain.gate import GateDecision, decide
from placet_approval.domain.gate_facts import GateFacts, GateQuestion
from placet_approval.domain.gate_reasons import source_reason
from placet_approval.queries.gate_decisions import read_gate_decision
from placet_approval.queries.gate_facts import gather
from placet_shared.access import Actor
from placet_shared.errors import Forbidden
from placet_shared.event_store import Metadata, UnitOfWork
from placet_shared.identifiers import new_id

from .conftest import ARTIFACT, WHY, Bank

pytestmark = pytest.mark.postgres

PIPELINE = Actor("pipeline-1", "service_account", frozenset({"pipeline"}), "token-1")
BY_DIGEST = GateQuestion("prod", digest=ARTIFACT)


async def gathered(bank: Bank, question: GateQuestion = BY_DIGEST) -> GateFacts:
    async with bank.connection.transaction(isolation="repeatable_read", readonly=True):
        return await gather(bank.connection, question)


async def asked(bank: Bank, question: GateQuestion = BY_DIGEST) -> GateDecision:
    at = await bank.connection.fetchval("select clock_timestamp()")
    return decide(question, await gathered(bank, question), at)


def codes(decision: GateDecision) -> list[str]:
    return [reason.code for reason in decision.reasons]


async def decided(
    bank: Bank, facts: GateFacts, actor: Actor = PIPELINE, meanwhile: Callable[[], Awaitable[object]] | None = None
) -> MadeGateDecision:
    """A durable decision on facts that were read before; `meanwhile` happens after it was made and before it is appended."""
    command = MakeGateDecision(new_id(), BY_DIGEST, facts)
    happening = [meanwhile] if meanwhile else []

    async def interrupted(command: MakeGateDecision, uow: UnitOfWork) -> MadeGateDecision:
        made = await make_gate_decision(command, uow)
        if happening:
            await happening.pop()()
        return made

    return await bank.store.execute(interrupted, command, metadata=Metadata(actor=actor.id, correlation="c"), actor=actor)


async def test_way_to_a_yes_has_a_reason_at_each_step(bank: Bank) -> None:
    bank.version_id = await bank.registers(2, artifact="c" * 64)
    question = GateQuestion("prod", digest="c" * 64)
    assert codes(await asked(bank, question)) == ["verification_missing", "not_signed_off"]
    await bank.verifies()
    assert codes(await asked(bank, question)) == ["not_signed_off"]
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    [waiting] = (await asked(bank, question)).reasons
    assert (waiting.code, waiting.facts["have"], waiting.facts["need"]) == ("awaiting_signatures", 1, 2)
    await bank.carol.post(f"{path}/approve", WHY)
    decision = await asked(bank, question)
    assert (decision.verdict, codes(decision)) == ("allow", [])
    assert decision.version is not None
    assert decision.version.version_id == bank.version_id


async def test_question_by_name_and_number_by_version_and_by_digest_mean_the_same(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    for question in (
        BY_DIGEST,
        GateQuestion("prod", model="fraud", number=1),
        GateQuestion("prod", model=bank.model_id, number=1),
        GateQuestion("prod", version_id=bank.version_id),
        GateQuestion("prod", model="fraud", digest=ARTIFACT),
    ):
        assert (await asked(bank, question)).allowed


async def test_what_is_unknown_is_denied_with_its_reason(bank: Bank) -> None:
    assert codes(await asked(bank, GateQuestion("moon", digest=ARTIFACT))) == ["unknown_environment"]
    assert codes(await asked(bank, GateQuestion("prod", digest="9" * 64))) == ["unknown_digest"]
    assert codes(await asked(bank, GateQuestion("prod", model="nobody", number=1))) == ["unknown_model"]
    assert codes(await asked(bank, GateQuestion("prod", model="fraud", number=7))) == ["unknown_version"]
    other = await asked(bank, GateQuestion("prod", model="fraud", number=1, digest="9" * 64))
    assert codes(other) == ["unknown_digest"]
    assert ARTIFACT in other.reasons[0].detail


async def test_digest_in_two_models_is_ambiguous_until_one_is_named(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    fraud, bank.model_id = bank.model_id, new_id()
    await bank.hears("registry", "ModelRegistered", {"model_id": bank.model_id, "name": "churn", "description": None, "tags": {}})
    await bank.registers()
    assert codes(await asked(bank)) == ["ambiguous_digest"]
    assert (await asked(bank, replace(BY_DIGEST, model=fraud))).allowed


async def test_dev_is_open_by_policy_and_tells_nothing(bank: Bank) -> None:
    decision = await asked(bank, GateQuestion("dev", digest=ARTIFACT))
    assert (decision.verdict, decision.reasons) == ("allow", ())


async def test_revoked_and_invalidated_are_told_apart(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    await bank.carol.post(f"{path}/revoke", WHY)
    assert codes(await asked(bank)) == ["revoked"]
    await bank.an_approved_sign_off()
    await bank.verifies(result="d" * 64)
    [reason] = (await asked(bank)).reasons
    digests = [reason.facts[name]["result_sha256"] for name in ("old", "new")]
    assert (reason.code, digests) == ("invalidated", ["b" * 64, "d" * 64])


async def test_durable_yes_is_recorded_with_what_it_rests_on(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    facts = replace(await gathered(bank), positions={"registry": "registry:1:5"})
    made = await decided(bank, facts)
    assert (made.decision.verdict, made.decision.allowed, made.decision.decided) == ("allow", True, True)
    view = await read_gate_decision(bank.store.pool, made.id)
    assert view is not None
    assert (view.verdict, view.decided_by, view.artifact_sha256) == ("allow", "pipeline-1", ARTIFACT)
    assert path == f"/v1/sign-offs/{view.sign_off_id}"
    assert view.positions == {"registry": "registry:1:5"}
    assert made.decision.policy is not None
    assert view.policy == made.decision.policy.reference()


async def test_durable_no_is_recorded_too(bank: Bank) -> None:
    made = await decided(bank, await gathered(bank))
    assert made.decision.allowed is False
    [row] = await bank.service.site.fetch("select verdict, reasons from gate_decisions")
    assert (row["verdict"], row["reasons"]) == ("deny", ["not_signed_off"])


async def test_what_is_not_known_is_recorded_as_undecided(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    facts = replace(await gathered(bank), knowledge_gaps=(source_reason("stale", "registry", head=9, mark=7),))
    made = await decided(bank, facts)
    assert (made.decision.allowed, made.decision.decided) == (False, False)


async def test_revocation_after_the_facts_were_read_is_a_no(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    facts = await gathered(bank)
    await bank.bob.post(f"{path}/revoke", WHY)
    made = await decided(bank, facts)
    assert codes(made.decision) == ["revoked"]


async def test_revocation_between_decision_and_append_makes_it_decide_again(bank: Bank) -> None:
    path = await bank.an_approved_sign_off()
    made = await decided(bank, await gathered(bank), meanwhile=lambda: bank.bob.post(f"{path}/revoke", WHY))
    assert codes(made.decision) == ["revoked"]
    types = await bank.service.site.event_types()
    assert types.index("SignOffRevoked") < types.index("GateDecisionMade")
    assert types.count("GateDecisionMade") == 1


async def test_new_policy_between_decision_and_append_makes_it_decide_again(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    policy = {"kind": "Policy", "environment": "prod", "signatures": [{"role": "reviewer", "count": 3}], "takes_effect": "immediately"}
    made = await decided(bank, await gathered(bank), meanwhile=lambda: bank.dora.post("/v1/policies", policy))
    assert made.decision.allowed is False


async def test_rejection_of_a_sign_off_requested_after_the_facts_were_read_is_a_no(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    facts = await gathered(bank)
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/reject", WHY)
    made = await decided(bank, facts)
    assert codes(made.decision) == ["rejected"]


async def test_decision_needs_a_role_for_it(bank: Bank) -> None:
    facts = await gathered(bank)
    with pytest.raises(Forbidden):
        await decided(bank, facts, Actor("reader-1", "person", frozenset({"auditor"}), "token-2"))
