"""Break-glass at the gate, and what an insider tries with it: each trick is seen refused."""

from typing import Any

import asyncpg
import httpx
import pytest

from placet_approval.commands.apply_lost_event import ApplyLostEvent, apply_lost_event
from placet_shared.access import Actor
from placet_shared.event_store import Metadata
from placet_shared.identifiers import new_id

from ..conftest import Caller
from ..decisions.conftest import ARTIFACT, WHY
from ..decisions.emergencies import EMERGENCY, POLICY, REVIEW, breaks_glass, on_call
from .conftest import BY_DIGEST, Town, verdict
from .test_withdrawn_meanwhile import Race, asking, race

__all__ = ["race"]

pytestmark = pytest.mark.postgres

OTHER = "b" * 64


async def closes(olga: Caller, glass: dict[str, Any]) -> httpx.Response:
    return await olga.post(f"/v1/break-glass/{glass['id']}/close")


async def reviews(who: Caller, glass: dict[str, Any]) -> tuple[int, str | None]:
    answer = await who.post(f"/v1/debts/{glass['debt_id']}/review", REVIEW)
    return answer.status_code, answer.json().get("code")


async def refused(who: Caller, **changes: Any) -> tuple[int, str]:
    answer = await who.post("/v1/break-glass", {name: value for name, value in {**EMERGENCY, **changes}.items() if value is not None})
    return answer.status_code, answer.json()["code"]


async def another_version(town: Town, number: int = 2, artifact: str = OTHER) -> str:
    """A version of the same model that people have signed off."""
    version_id = await town.registers(number, artifact)
    answer = await town.request(version_id=version_id)
    assert answer.status_code == 201, answer.text
    for signer in (town.bob, town.carol):
        assert (await signer.post(f"/v1/sign-offs/{answer.json()['id']}/approve", WHY)).status_code == 200
    return version_id


async def test_emergency_from_the_glass_to_the_settled_debt(town: Town) -> None:
    """Opened, let in and listed; closed, owed, reviewed, and then as before."""
    olga = await on_call(town, evidence={})
    glass = await breaks_glass(olga, minutes=60)
    decision = await town.decides()
    assert verdict(decision) == ("allow", True, ["not_signed_off"])
    assert decision["break_glass"] == glass["id"]
    assert verdict(await town.asks()) == ("allow", True, ["not_signed_off"])
    assert (await closes(olga, glass)).status_code == 200
    assert verdict(await town.asks()) == ("deny", True, ["retrospective_due", "not_signed_off"])
    validity = (await town.alice.get(f"/v1/gate/decisions/{decision['id']}/validity")).json()
    assert (validity["holds"], [reason["code"] for reason in validity["reasons"]]) == (False, ["retrospective_due", "not_signed_off"])

    seen = (await town.alice.get(f"/v1/break-glass/{glass['id']}")).json()
    assert (seen["state"], seen["incident"], seen["reason"]["text"]) == ("closed", "INC-2041", EMERGENCY["reason"])
    assert [(one["decision_id"], one["reasons"], one["decided_by"]["name"]) for one in seen["decisions"]] == [
        (decision["id"], ["not_signed_off"], "ci")
    ]

    await another_version(town)
    by_version = {"environment": "prod", "digest": OTHER}
    assert verdict(await town.asks(**by_version)) == ("deny", True, ["retrospective_due"])
    assert verdict(await town.decides(**by_version)) == ("deny", True, ["retrospective_due"])
    assert await reviews(town.bob, glass) == (200, None)
    assert verdict(await town.decides(**by_version)) == ("deny", True, ["retrospective_due"])
    assert await reviews(town.carol, glass) == (200, None)
    assert verdict(await town.decides(**by_version)) == ("allow", True, [])
    [debt] = (await town.alice.get("/v1/debts", params={"model": "fraud"})).json()["items"]
    assert (debt["state"], [one["role"] for one in debt["reviews"]]) == ("settled", ["reviewer", "risk-officer"])
    assert (await town.alice.get("/v1/debts", params={"open": True})).json()["items"] == []


# Who opens


async def test_who_may_not_break_glass_is_refused(town: Town) -> None:
    assert await refused(town.alice) == (403, "break_glass_not_allowed")
    olga = await on_call(town)
    assert await refused(town.alice) == (403, "role_required")
    assert await refused(town.ci) == (403, "people_only")
    assert await refused(olga, digest="c" * 64) == (404, "version_not_found")
    assert await refused(olga, incident="INC 1") == (422, "malformed")
    assert await refused(olga, reason=" ") == (422, "malformed")
    assert await refused(olga, minutes=241) == (422, "malformed")
    await breaks_glass(olga)
    assert await refused(olga) == (409, "break_glass_open")


async def test_token_that_lay_there_opens_nothing(town: Town) -> None:
    """A stolen token of yesterday, or a clock that a caller claims: the time is that of the database."""
    olga = await on_call(town)
    connection = await asyncpg.connect(town.service.site.superuser_url)
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute(
            "update approval.events set recorded_at = recorded_at - interval '16 minutes' where type = 'TokenIssued' and subject = $1",
            olga.id,
        )
    finally:
        await connection.close()
    [token] = (await town.alice.get("/v1/tokens", params={"holder": olga.id})).json()["items"]
    town.service.store.cache.take(f"token-{token['token_id']}")
    answer = await olga.post("/v1/break-glass", EMERGENCY, {"Date": "Mon, 23 Nov 2026 14:00:00 GMT"})
    assert (answer.status_code, answer.json()["code"]) == (403, "authentication_not_fresh")


# What it lets in


async def test_glass_that_was_opened_for_other_bytes_lets_nothing_in(town: Town) -> None:
    olga = await on_call(town)
    await town.registers(2, OTHER)
    await breaks_glass(olga, digest=None, model="fraud", number=2)
    assert verdict(await town.decides())[0] == "deny"
    assert (await town.decides())["break_glass"] is None


async def test_rejected_bytes_stay_out_though_one_requests_again_and_breaks_glass(town: Town) -> None:
    olga = await on_call(town)
    path = await town.a_pending_sign_off()
    assert (await town.bob.post(f"{path}/reject", WHY)).status_code == 200
    glass = await breaks_glass(olga)
    assert verdict(await town.decides())[0] == "deny"
    await town.a_pending_sign_off()
    assert verdict(await town.decides()) == ("deny", True, ["awaiting_signatures"])
    await closes(olga, glass)
    olga = await on_call(town, break_glass={"roles": ["on-call"], "overrides_rejection": True})
    await breaks_glass(olga)
    assert verdict(await town.decides())[0] == "allow"


async def test_break_glass_decides_nothing_that_is_not_known(town: Town) -> None:
    olga = await on_call(town)
    await breaks_glass(olga)
    town.registry.down = True
    answer = await town.decides()
    assert (answer["allowed"], answer["decided"], answer["break_glass"]) == (False, False, None)


# The debt


async def test_debt_is_not_lost_by_a_copy_under_another_model(town: Town) -> None:
    """The same bytes as another model owe too, and so does a version of the model's that is registered as another one's."""
    olga = await on_call(town, evidence={}, lineage="optional")
    glass = await breaks_glass(olga)
    await closes(olga, glass)
    await another_version(town)
    owing, copy = town.model_id, new_id()
    await town.hears("registry", "ModelRegistered", {"model_id": copy, "name": "fraud-renamed", "description": None, "tags": {}})
    town.model_id = copy
    for number, artifact in ((1, ARTIFACT), (2, OTHER)):
        await another_version(town, number, artifact)
        asked: dict[str, Any] = {"environment": "prod", "model": "fraud-renamed", "number": number}
        assert verdict(await town.asks(**asked)) == ("deny", True, ["retrospective_due"])
        assert verdict(await town.decides(**asked)) == ("deny", True, ["retrospective_due"])
    town.model_id = owing


async def test_later_copy_in_a_model_that_owes_brings_no_debt_to_another_teams_bytes(town: Town) -> None:
    """Else a team that has a debt could hold up all others."""
    olga = await on_call(town, evidence={}, lineage="optional")
    owing, other, theirs = town.model_id, new_id(), "c" * 64
    await town.hears("registry", "ModelRegistered", {"model_id": other, "name": "limits", "description": None, "tags": {}})
    town.model_id = other
    await another_version(town, 1, theirs)
    town.model_id = owing
    await town.registers(2, theirs)
    settled = await breaks_glass(olga, digest=None, model="fraud", number=2)
    await closes(olga, settled)
    assert [await reviews(who, settled) for who in (town.bob, town.carol)] == [(200, None)] * 2
    await closes(olga, await breaks_glass(olga))
    asked: dict[str, Any] = {"environment": "prod", "model": "limits", "number": 1}
    assert verdict(await town.asks(**asked)) == ("allow", True, [])
    assert verdict(await town.decides(**asked)) == ("allow", True, [])
    assert "retrospective_due" in verdict(await town.decides(**{**asked, "model": "fraud", "number": 2}))[2]


async def test_debt_stays_when_the_policy_is_weakened_and_who_reviews_it_too(town: Town) -> None:
    """A policy without break-glass, then one that asks for one signature: two are asked for under the review all the same."""
    olga = await on_call(town, evidence={})
    glass = await breaks_glass(olga)
    assert (await town.dora.post("/v1/policies", {**POLICY, "break_glass": None})).status_code == 201
    assert verdict(await town.decides())[0] == "deny", "the policy of now knows no break-glass"
    await closes(olga, glass)
    weak = {
        "kind": "Policy",
        "environment": "prod",
        "signatures": [{"role": "reviewer"}],
        "separation_of_duties": {"exclude": ["requester"]},
    }
    assert (await town.dora.post("/v1/policies", weak)).status_code == 201
    await town.dora.post(f"/v1/people/{olga.id}/deactivate")
    assert "retrospective_due" in verdict(await town.decides())[2]
    await town.adds_lineage(town.alice.id, trained_by=(town.carol.id,))
    assert await reviews(town.bob, glass) == (200, None)
    assert await reviews(town.carol, glass) == (403, "separation_of_duties")
    assert "retrospective_due" in verdict(await town.decides())[2]
    erin = await town.service.person("erin", "risk-officer")
    assert await reviews(erin, glass) == (200, None)
    assert "retrospective_due" not in verdict(await town.decides())[2]


async def test_who_had_a_part_in_the_emergency_does_not_review_it(town: Town) -> None:
    """The opener who is a reviewer too, the requester, the admin who issued the opener's token, who asked the gate."""
    await on_call(town, evidence={})
    both = await town.service.person("otto", "on-call", "reviewer", "risk-officer")
    requester = await town.service.person("rita", "developer", "reviewer")
    asker = await town.service.person("ada", "developer", "reviewer")
    answer = await requester.post("/v1/sign-offs", {"environment": "prod", "version_id": town.version_id, **WHY})
    assert answer.status_code == 201, answer.text
    glass = await breaks_glass(both)
    assert (await asker.post("/v1/gate", BY_DIGEST)).json()["break_glass"] == glass["id"]
    assert await reviews(town.bob, glass) == (409, "break_glass_open")
    await closes(both, glass)
    for insider in (both, requester, asker):
        assert await reviews(insider, glass) == (403, "separation_of_duties")
    await town.dora.post(f"/v1/people/{town.dora.id}/roles", {"roles": ["admin", "reviewer"]})
    assert await reviews(town.dora, glass) == (403, "token_issued_by_another"), "she could have opened it with the token that she issued"
    assert await reviews(town.ci, glass) == (403, "people_only")


async def test_second_emergency_before_the_review_is_a_second_debt(town: Town) -> None:
    olga = await on_call(town, evidence={})
    first = await breaks_glass(olga)
    await closes(olga, first)
    second = await breaks_glass(olga)
    await closes(olga, second)
    of_first = f"/v1/debts/{first['debt_id']}"
    etag = (await town.alice.get(of_first)).headers["ETag"]
    answer = await town.bob.post(f"{of_first}/review", REVIEW, {"If-Match": etag})
    assert answer.status_code == 200, "the stream of both debts has one version"
    assert await reviews(town.carol, first) == (200, None)
    [reason] = [one for one in (await town.decides())["reasons"] if one["code"] == "retrospective_due"]
    assert reason["facts"]["debt_ids"] == [second["debt_id"]]


async def test_same_key_opens_one_and_two_at_once_are_one(town: Town) -> None:
    olga = await on_call(town)
    key = {"Idempotency-Key": new_id()}
    first, again = [await olga.post("/v1/break-glass", EMERGENCY, key) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await town.alice.get("/v1/debts")).json()["items"]) == 1


# At the same moment, and after a restore


async def test_glass_closed_while_the_gate_decides_is_a_no(town: Town, race: Race) -> None:
    olga = await on_call(town)
    glass = await breaks_glass(olga)
    closed, answer, behind = await race.run(lambda: closes(olga, glass), asking(town))
    assert (closed.status_code, answer.status_code, behind) == (200, 201, True)
    assert verdict(answer.json())[0] == "deny"


async def test_debt_that_comes_while_the_gate_decides_on_other_bytes_is_a_no(town: Town, race: Race) -> None:
    olga = await on_call(town, evidence={})
    await another_version(town)
    opened, answer, behind = await race.run(
        lambda: olga.post("/v1/break-glass", EMERGENCY), lambda: town.ci.post("/v1/gate", {"environment": "prod", "digest": OTHER})
    )
    assert (opened.status_code, answer.status_code, behind) == (201, 201, True), opened.text
    assert verdict(answer.json()) == ("deny", True, ["retrospective_due"])


async def test_two_who_open_at_once_open_one(town: Town, race: Race) -> None:
    olga, otto = await on_call(town), await town.service.person("otto", "on-call")
    first, second, behind = await race.run(lambda: olga.post("/v1/break-glass", EMERGENCY), lambda: otto.post("/v1/break-glass", EMERGENCY))
    assert (first.status_code, second.status_code, second.json()["code"], behind) == (201, 409, "break_glass_open", True)


async def test_review_with_the_last_signature_of_a_person_who_leaves_at_the_same_moment_settles_nothing(town: Town, race: Race) -> None:
    olga = await on_call(town, evidence={})
    glass = await breaks_glass(olga)
    await closes(olga, glass)
    assert await reviews(town.bob, glass) == (200, None)
    path = f"/v1/debts/{glass['debt_id']}/review"
    left, signed, _ = await race.run(lambda: town.dora.post(f"/v1/people/{town.bob.id}/deactivate"), lambda: town.carol.post(path, REVIEW))
    assert (left.status_code, signed.status_code, signed.json()["settled"]) == (200, 200, False)


async def test_lost_debt_and_lost_end_are_applied_again(town: Town) -> None:
    """After a restore from a copy of before: an admin applies what the audit log kept, once."""
    olga = await on_call(town, evidence={})
    glass = await breaks_glass(olga)
    seen = (await town.alice.get(f"/v1/debts/{glass['debt_id']}")).json()
    lost = {
        "debt_id": new_id(), "glass_id": new_id(), "model_id": town.model_id, "version_id": town.version_id, "artifact_sha256": ARTIFACT,
        "environment": "prod", "person_id": olga.id, "token_issuers": [], "incident": "INC-1", "signatures": seen["signatures"],
    }  # fmt: skip
    closed = {
        "glass_id": glass["id"], "model_id": town.model_id, "artifact_sha256": ARTIFACT, "environment": "prod", "closed_by": olga.id
    }  # fmt: skip
    for type_, fields in (("DebtIncurred", lost), ("BreakGlassClosed", closed)):
        assert [await applies(town, type_, fields) for _ in range(2)] == [True, False]
    assert len((await town.alice.get("/v1/debts", params={"open": True})).json()["items"]) == 2
    assert verdict(await town.decides())[0] == "deny"


async def applies(town: Town, type_: str, fields: dict[str, Any]) -> bool:
    dora = Actor(town.dora.id, "person", frozenset({"admin"}), "")
    metadata = Metadata(actor=dora.id, correlation=new_id())
    applied = await town.store.execute(apply_lost_event, ApplyLostEvent(type_, fields, "Lost in a restore."), metadata=metadata, actor=dora)
    return bool(applied.applied)
