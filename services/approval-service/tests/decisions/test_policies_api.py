"""Policies over HTTP with a real PostgreSQL behind."""

from typing import Any

import pytest

from placet_approval.api.floor_documents import read_policy
from placet_approval.api.policy_documents import EXAMPLE
from placet_approval.commands.define_default_policies import ensure_default_policies
from placet_approval.commands.define_policy import DefinePolicy, define_policy
from placet_approval.commands.invalidate_sign_off import invalidate_outdated
from placet_shared.access import Actor
from placet_shared.errors import NotFound
from placet_shared.event_store import Metadata
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually

from ..conftest import Caller, Service
from .conftest import Bank

pytestmark = pytest.mark.postgres

ONE = "kind: Policy\nenvironment: prod\nsignatures:\n  - role: reviewer\n"
AT_ONCE = ONE + "takes_effect: immediately\n"


async def test_shipped_policies_are_there_from_the_start_and_once(bank: Bank) -> None:
    await ensure_default_policies(bank.store)
    shipped = (await bank.dora.get("/v1/policies")).json()
    assert [(one["environment"], one["mode"], one["version"], one["defined_by"]) for one in shipped] == [
        ("dev", "allow", 1, "system:approval"),
        ("prod", "prevent", 1, "system:approval"),
        ("test", "prevent", 1, "system:approval"),
    ]


async def post(caller: Caller, document: str, query: str = "") -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/yaml"}
    answer = await caller.client.post(f"/v1/policies{query}", content=document, headers=headers)
    return answer.status_code, answer.json()


async def test_document_makes_a_version_that_can_be_read_with_all_before_it(service: Service) -> None:
    status, body = await post(service.dora, EXAMPLE)
    assert (status, body["version"], body["changed"]) == (201, 2, True)
    read = await service.dora.get("/v1/policies/prod")
    assert read.headers["etag"] == '"2"'
    assert [version["version"] for version in read.json()["versions"]] == [2, 1]
    assert read.json()["current"]["sha256"] == body["sha256"]


async def test_the_same_document_again_changes_nothing(service: Service) -> None:
    await post(service.dora, EXAMPLE)
    status, body = await post(service.dora, EXAMPLE + "# a remark\n")
    assert (status, body["version"], body["changed"]) == (200, 2, False)


async def test_json_body_is_a_policy_too(service: Service) -> None:
    answer = await service.dora.post("/v1/policies", {"kind": "Policy", "environment": "own", "signatures": [{"role": "reviewer"}]})
    assert (answer.status_code, answer.json()["environment"], answer.json()["version"]) == (201, "own", 1)
    assert answer.headers["location"] == "/v1/policies/own"


async def test_dry_run_shows_the_meaning_and_defines_nothing(service: Service) -> None:
    status, body = await post(service.dora, ONE, "?dry_run=true")
    assert status == 200
    assert body["content"]["expires_after_seconds"] == 7776000
    assert (await service.dora.get("/v1/policies/prod")).headers["etag"] == '"1"'


async def test_dry_run_tells_what_keeps_a_policy_from_being_met(bank: Bank) -> None:
    await bank.hears("registry", "EnvironmentDefined", {"name": "prod", "after": None})
    assert (await post(bank.alice, ONE, "?dry_run=true"))[1]["obstacles"] == []
    wanted = ONE.replace("prod", "moon") + "    count: 2\n  - role: compliance\n"
    _, body = await post(bank.alice, wanted, "?dry_run=true")
    assert [one["code"] for one in body["obstacles"]] == ["environment_not_defined", "role_without_people", "quorum_out_of_reach"]
    assert (await post(bank.dora, wanted))[0] == 201


async def test_wrong_document_is_refused_with_its_lines(service: Service) -> None:
    status, body = await post(service.dora, ONE + "mode: never\nexpires_after: soon\n")
    assert (status, body["code"]) == (422, "document_invalid")
    assert [error["field"] for error in body["errors"]] == ["line 5: mode", "line 6: expires_after"]


async def test_only_an_admin_defines_policies_and_the_refusal_is_recorded(bank: Bank) -> None:
    assert (await post(bank.bob, ONE))[0] == 403
    assert (await post(bank.bob, ONE, "?dry_run=true"))[0] == 200
    assert (await bank.service.site.event_types())[-1] == "ActionRefused"


async def test_policy_of_an_environment_without_one_is_not_found(service: Service) -> None:
    answer = await service.dora.get("/v1/policies/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "policy_not_found")


async def test_policy_that_takes_effect_at_once_invalidates_what_was_given_under_the_old_one(bank: Bank) -> None:
    approved = await bank.an_approved_sign_off()
    await post(bank.dora, AT_ONCE)
    seen = await bank.sees(approved)
    assert seen["state"] == "invalidated"
    change = seen["invalidated"]
    assert (change["field"], change["old"]["version"], change["new"]["version"]) == ("policy", 1, 2)


async def test_start_invalidates_what_an_earlier_process_left_behind(bank: Bank) -> None:
    approved = await bank.an_approved_sign_off()
    command = DefinePolicy(new_id(), read_policy(AT_ONCE))
    admin = Actor(bank.dora.id, "person", frozenset({"admin"}), "token-1")
    metadata = Metadata(actor=admin.id, correlation="c")
    await bank.store.execute(define_policy, command, metadata=metadata, actor=admin)
    assert (await bank.sees(approved))["state"] == "approved"

    async def invalidated() -> bool:
        return bool((await bank.sees(approved))["state"] == "invalidated")

    async with bank.service.site.services():
        await eventually(invalidated)


async def test_sign_off_that_can_not_be_ended_does_not_keep_others_valid(bank: Bank) -> None:
    approved = await bank.an_approved_sign_off()
    await bank.service.site.fetch(
        """insert into sign_offs
           select (jsonb_populate_record(s, '{"sign_off_id": "00000000-0000-7000-8000-000000000000"}')).* from sign_offs s"""
    )
    command, admin = DefinePolicy(new_id(), read_policy(AT_ONCE)), Actor(bank.dora.id, "person", frozenset({"admin"}), "token-1")
    await bank.store.execute(define_policy, command, metadata=Metadata(actor=admin.id, correlation="c"), actor=admin)
    with pytest.raises(NotFound):
        await invalidate_outdated(bank.store)
    assert (await bank.sees(approved))["state"] == "invalidated"


async def test_openapi_describes_the_document(service: Service) -> None:
    document = (await service.client.get("/openapi.json")).json()
    body = document["paths"]["/v1/policies"]["post"]["requestBody"]["content"]
    assert body["application/yaml"]["example"] == EXAMPLE
    assert body["application/json"]["schema"] == {"$ref": "#/components/schemas/DefiningDocument"}
    assert {"PolicyDocument", "FloorDocument", "SignaturePart"} <= document["components"]["schemas"].keys()
