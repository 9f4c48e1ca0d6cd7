"""Sign-offs over HTTP with a real PostgreSQL behind: the whole way, and advice where it is refused."""

import asyncio

import httpx
import pytest

from placet_shared.identifiers import new_id

from .conftest import WHY, Bank

pytestmark = pytest.mark.postgres


def assert_advised(answer: httpx.Response, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert body["detail"]
    assert body["resolve"]


async def test_two_people_approve(bank: Bank) -> None:
    requested = await bank.request()
    assert requested.status_code == 201
    assert requested.headers["placet-position"].startswith("approval:1:")
    path = requested.headers["location"]
    first = await bank.bob.post(f"{path}/approve", WHY)
    assert first.json()["state"] == "pending"
    assert first.json()["missing"] == [{"any_of": ["risk-officer"], "count": 1}]
    second = await bank.carol.post(f"{path}/approve", {**WHY, "role": "risk-officer"})
    assert (second.json()["state"], second.json()["have"], second.json()["need"]) == ("approved", 2, 2)
    assert second.json()["expires_at"]


async def test_sign_off_is_read_with_everything_that_people_need(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", {"rationale": "The figures hold."})
    await bank.carol.post(f"{path}/comments", {"text": "Why the drop in May?"})
    seen = await bank.sees(path)
    assert (seen["model"], seen["number"], seen["environment"], seen["state"], seen["expired"]) == ("fraud", 1, "prod", "pending", False)
    assert (seen["have"], seen["need"]) == (1, 2)
    assert seen["progress"] == [{"any_of": ["reviewer"], "have": 1, "need": 1}, {"any_of": ["risk-officer"], "have": 0, "need": 1}]
    assert seen["binds"]["artifact_sha256"] == "a" * 64
    [bound] = seen["binds"]["evidence"]
    assert (bound["plan"], bound["version"], bound["result_sha256"]) == ("prod-checks", 1, "b" * 64)
    assert [one["passed"] for one in seen["evidence"]] == [True]
    assert seen["requester"] == {"id": bank.alice.id, "name": "alice", "display_name": "Alice"}
    assert seen["excluded"] == {bank.alice.id: ["requester", "registrar"], bank.trainer: ["trainer"]}
    assert [(act["act"], act["by"]["name"], act["said"]["text"]) for act in seen["acts"]] == [
        ("requested", "alice", WHY["rationale"]),
        ("approved", "bob", "The figures hold."),
        ("commented", "carol", "Why the drop in May?"),
    ]


async def test_erased_text_leaves_its_commitment_and_an_event(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    text_id = (await bank.sees(path))["acts"][0]["said"]["id"]
    for _ in range(2):
        erased = await bank.service.dora.post(f"/v1/texts/{text_id}/erase")
        assert (erased.status_code, erased.json()["text_id"]) == (200, text_id)
    said = (await bank.sees(path))["acts"][0]["said"]
    assert (said["text"], said["erased"], len(said["hmac"])) == (None, True, 64)
    assert (await bank.service.site.event_types()).count("TextErased") == 1
    [row] = await bank.service.site.fetch("select salt, body, erased_at from texts where id = $1", text_id)
    assert (row["salt"], row["body"]) == (None, None)
    assert row["erased_at"]


async def test_text_is_erased_by_an_admin_and_by_its_id(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    text_id = (await bank.sees(path))["acts"][0]["said"]["id"]
    assert_advised(await bank.alice.post(f"/v1/texts/{text_id}/erase"), 403, "role_required")
    assert_advised(await bank.service.dora.post("/v1/texts/0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f/erase"), 404, "text_not_found")
    assert (await bank.service.dora.post("/v1/texts/the-first/erase")).status_code == 422
    assert (await bank.sees(path))["acts"][0]["said"]["text"] == WHY["rationale"]


async def test_texts_stand_in_no_event_and_no_stored_answer(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", {"rationale": "zebra crossing"}, headers={"Idempotency-Key": "k1"})
    for table, column in (("events", "data"), ("answers", "body")):
        rows = await bank.service.site.fetch(f"select count(*) from {table} where position('zebra'::bytea in {column}) > 0")
        assert rows[0]["count"] == 0


async def test_same_person_twice_is_advised(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    assert_advised(await bank.bob.post(f"{path}/approve", WHY), 409, "already_signed")


async def test_registrar_is_advised(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    assert_advised(await bank.alice.post(f"{path}/approve", WHY), 403, "separation_of_duties")


async def test_trainer_named_in_lineage_is_advised(bank: Bank) -> None:
    bank.version_id = await bank.registers(2, trained_by=(bank.bob.id,))
    await bank.verifies()
    path = await bank.a_pending_sign_off()
    assert_advised(await bank.bob.post(f"{path}/approve", WHY), 403, "separation_of_duties")


async def test_wrong_role_is_advised(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    assert_advised(await bank.dora.post(f"{path}/approve", WHY), 403, "role_not_held")


async def test_service_account_is_advised(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    robot = await bank.service.account("robot", "pipeline", "developer")
    assert_advised(await robot.post(f"{path}/approve", WHY), 403, "people_only")


async def test_role_taken_away_no_longer_signs(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.dora.post(f"/v1/people/{bank.bob.id}/roles", {"roles": ["developer"]})
    assert_advised(await bank.bob.post(f"{path}/approve", WHY), 403, "role_not_held")


async def test_signature_on_a_page_that_is_out_of_date_is_refused(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    seen = (await bank.carol.get(path)).headers["etag"]
    await bank.bob.post(f"{path}/comments", {"text": "Wait."})
    answer = await bank.carol.post(f"{path}/approve", WHY, headers={"If-Match": seen})
    assert_advised(answer, 412, "precondition_failed")


async def test_new_result_invalidates_pending_and_approved(bank: Bank) -> None:
    approved = await bank.an_approved_sign_off()
    pending = await bank.a_pending_sign_off()
    await bank.verifies()
    seen = await bank.sees(approved)
    assert seen["state"] == "approved"
    [renewed], [bound] = seen["evidence"], seen["binds"]["evidence"]
    assert renewed["run_id"] != bound["run_id"]
    await bank.verifies(result="d" * 64)
    for path in (approved, pending):
        seen = await bank.sees(path)
        digests = [seen["invalidated"][name]["result_sha256"] for name in ("old", "new")]
        assert (seen["state"], seen["invalidated"]["field"], digests) == ("invalidated", "evidence", ["b" * 64, "d" * 64])
    assert_advised(await bank.bob.post(f"{pending}/approve", WHY), 409, "sign_off_closed")


async def test_request_before_and_after_a_failed_verification_is_advised(bank: Bank) -> None:
    bank.version_id = await bank.registers(2)
    assert_advised(await bank.request(), 409, "verification_missing")
    await bank.verifies(passed=False)
    assert_advised(await bank.request(), 409, "verification_failed")


async def test_request_names_the_version_by_model_and_number(bank: Bank) -> None:
    answer = await bank.request(version_id=None, model="fraud", number=1)
    assert answer.json()["version_id"] == bank.version_id
    both = await bank.request(model="fraud", number=1)
    assert both.status_code == 422


async def test_model_that_is_named_as_the_id_of_another_is_not_taken_for_it(bank: Bank) -> None:
    meant, bank.model_id = bank.model_id, new_id()
    await bank.hears("registry", "ModelRegistered", {"model_id": bank.model_id, "name": meant, "description": None, "tags": {}})
    for number in (1, 2):
        await bank.registers(number, artifact="c" * 64)
    await bank.connection.execute("update known_models set name = 'fraud' where model_id = $1", meant)  # its row comes last then
    answer = await bank.request(version_id=None, model=meant, number=1)
    assert answer.json()["version_id"] == bank.version_id
    assert_advised(await bank.request(version_id=None, model=meant, number=2), 404, "version_not_found")


async def test_request_of_what_is_not_there_is_advised(bank: Bank) -> None:
    assert_advised(await bank.request(version_id=None, model="fraud", number=9), 404, "version_not_found")
    assert_advised(await bank.request(version_id="0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"), 404, "version_not_found")
    assert_advised(await bank.request("moon"), 422, "unknown_environment")
    assert_advised(await bank.request("dev"), 422, "no_signature_needed")


async def test_request_needs_a_developer(bank: Bank) -> None:
    answer = await bank.bob.post("/v1/sign-offs", {"environment": "prod", "version_id": bank.version_id, **WHY})
    assert_advised(answer, 403, "role_required")


async def test_only_one_is_open_also_when_two_come_at_once(bank: Bank) -> None:
    answers = await asyncio.gather(*(bank.request() for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert_advised(refused, 409, "sign_off_open")
    opened = next(answer for answer in answers if answer.status_code == 201)
    assert refused.json()["facts"]["sign_off_id"] == opened.json()["id"]


async def test_another_can_be_requested_once_it_is_closed(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    assert (await bank.alice.post(f"{path}/withdraw", {})).json()["state"] == "withdrawn"
    assert (await bank.request()).status_code == 201


async def test_request_repeated_with_its_key_is_one_request(bank: Bank) -> None:
    body = {"environment": "prod", "version_id": bank.version_id, **WHY}
    first, again = [await bank.alice.post("/v1/sign-offs", body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert first.json() == again.json()


async def test_last_two_signatures_at_once_approve_once(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await asyncio.gather(bank.bob.post(f"{path}/approve", WHY), bank.carol.post(f"{path}/approve", WHY))
    assert (await bank.sees(path))["state"] == "approved"
    assert (await bank.service.site.event_types()).count("SignOffApproved") == 1


async def test_rejection_revocation_and_their_reasons_are_seen(bank: Bank) -> None:
    rejected = await bank.a_pending_sign_off()
    assert (await bank.bob.post(f"{rejected}/reject", {})).status_code == 422
    assert (await bank.bob.post(f"{rejected}/reject", {"rationale": "Too few frauds in the data."})).json()["state"] == "rejected"
    assert (await bank.sees(rejected))["acts"][-1]["said"]["text"] == "Too few frauds in the data."
    approved = await bank.an_approved_sign_off()
    assert (await bank.carol.post(f"{approved}/revoke", {"rationale": "An incident."})).json()["state"] == "revoked"
    pending = await bank.a_pending_sign_off()
    await bank.bob.post(f"{pending}/approve", WHY)
    taken_back = await bank.bob.post(f"{pending}/revoke", {"rationale": "Wrong report."})
    assert (taken_back.json()["state"], taken_back.json()["have"]) == ("pending", 0)
    assert (await bank.bob.post(f"{pending}/approve", WHY)).json()["have"] == 1


async def test_listing_shows_what_is_open_and_what_a_person_could_sign(bank: Bank) -> None:
    approved = await bank.an_approved_sign_off()
    path = await bank.a_pending_sign_off()
    listed = (await bank.alice.get("/v1/sign-offs")).json()["items"]
    assert [f"/v1/sign-offs/{one['id']}" for one in listed] == [path, approved]
    assert (listed[0]["have"], listed[0]["need"], listed[0]["model"]) == (0, 2, "fraud")

    async def ids(caller: str, query: str) -> int:
        return len((await getattr(bank, caller).get(f"/v1/sign-offs?{query}")).json()["items"])

    assert await ids("alice", "open=true") == 1
    assert await ids("alice", "environment=test") == 0
    assert await ids("alice", "model=fraud&environment=prod") == 2
    assert await ids("alice", f"version_id={bank.version_id}") == 2
    assert [await ids(name, "mine=true") for name in ("alice", "bob", "carol", "dora")] == [0, 1, 1, 0]
    await bank.bob.post(f"{path}/approve", WHY)
    assert await ids("bob", "mine=true") == 0


async def test_pages_follow_each_other(bank: Bank) -> None:
    paths = [await bank.an_approved_sign_off() for _ in range(3)]
    first = (await bank.alice.get("/v1/sign-offs?limit=2")).json()
    rest = (await bank.alice.get("/v1/sign-offs", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [f"/v1/sign-offs/{one['id']}" for one in [*first["items"], *rest["items"]]] == paths[::-1]
    assert rest["next_cursor"] is None


async def test_every_refusal_is_found_under_the_model(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    await bank.alice.post(f"{path}/approve", WHY)
    [row] = await bank.service.site.fetch("select subject, data from events where type = 'ActionRefused'")
    assert row["subject"] == bank.model_id
    assert b"separation_of_duties" in row["data"]


async def test_unknown_sign_off_is_not_found(bank: Bank) -> None:
    assert_advised(await bank.alice.get("/v1/sign-offs/nothing"), 404, "sign_off_not_found")
    assert_advised(await bank.bob.post("/v1/sign-offs/nothing/approve", WHY), 404, "sign_off_not_found")


async def test_without_a_token_nothing_is_told(bank: Bank) -> None:
    for path in ("/v1/sign-offs", "/v1/policies"):
        assert (await bank.service.client.get(path)).status_code == 401
