"""`/v1/webhooks`: for admins, with secrets that are shown once and stand in no event."""

import pytest

from placet_approval.api.webhooks import KNOWN_TYPES

from ..conftest import Service
from ..decisions.conftest import Bank
from .conftest import NETWORKS, Receiver, receiving, subscribed

pytestmark = pytest.mark.postgres

PUBLIC = {"url": "https://93.184.215.14/hook?key=very-secret", "types": ["SignOff*"]}


async def test_an_admin_adds_a_webhook_and_sees_its_secret_once(service: Service) -> None:
    key = {"Idempotency-Key": "one"}
    added = await service.dora.post("/v1/webhooks", PUBLIC, key)
    assert added.status_code == 201, added.text
    body = added.json()
    assert (body["host"], body["types"], body["enabled"], body["shown"]) == ("93.184.215.14", ["SignOff*"], True, "once")
    assert body["secret"].startswith("whsec_")
    again = (await service.dora.post("/v1/webhooks", PUBLIC, key)).json()
    assert again == {**body, "secret": None}
    read = await service.dora.get(added.headers["Location"])
    view = read.json()
    assert (view["url"], view["pending"], view["parked"], view["version"]) == (PUBLIC["url"], 0, 0, 1)
    assert "secret" not in view
    assert (await service.dora.get("/v1/webhooks")).json()["items"] == [view]


async def test_neither_address_nor_secret_stands_in_an_event_or_an_answer_that_is_kept(service: Service) -> None:
    added = (await service.dora.post("/v1/webhooks", PUBLIC, {"Idempotency-Key": "one"})).json()
    rotated = await service.dora.post(f"/v1/webhooks/{added['webhook_id']}/rotate-secret", headers={"Idempotency-Key": "two"})
    stored = await service.site.stored()
    kept = {table for table, rows in stored.items() for text in ("very-secret", added["secret"], rotated.json()["secret"]) if text in rows}
    assert kept == {"webhook_endpoints"}


@pytest.mark.parametrize("role", ["developer", "auditor", "pipeline"])
async def test_others_than_admins_neither_add_nor_see_webhooks(service: Service, role: str) -> None:
    added = (await service.dora.post("/v1/webhooks", PUBLIC)).json()
    caller, at = await service.person("erin", role), f"/v1/webhooks/{added['webhook_id']}"
    for path in ("", "/rotate-secret", "/disable", "/enable", "/ping"):
        answer = await caller.post(f"{at}{path}" if path else "/v1/webhooks", None if path else PUBLIC)
        assert answer.status_code == 403, (path, answer.text)
    for path in ("/v1/webhooks", at, f"{at}/deliveries"):
        assert (await caller.get(path)).status_code == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://93.184.215.14/"}, "webhook_url_refused"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "webhook_url_refused"),
        ({"url": "https://10.0.0.1/"}, "webhook_url_refused"),
        ({"url": "https://user:pw@93.184.215.14/"}, "webhook_url_refused"),
        ({"types": ["SignOfApproved"]}, "unknown_event_type"),
        ({"types": []}, "unknown_event_type"),
    ],
)
async def test_an_address_or_a_type_that_can_t_be_used_is_refused(service: Service, body: dict[str, object], code: str) -> None:
    answer = await service.dora.post("/v1/webhooks", {**PUBLIC, **body})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] == code
    assert (await service.dora.get("/v1/webhooks")).json()["items"] == []


@pytest.mark.usefixtures("nothing_allowed")
async def test_this_machine_is_refused_unless_the_setting_allows_it(service: Service) -> None:
    for url in ("http://127.0.0.1:8403/", "https://localhost:8443/", "https://[::1]:8443/"):
        answer = await service.dora.post("/v1/webhooks", {"url": url, "types": ["*"]})
        assert answer.json()["code"] == "webhook_url_refused", answer.text


@pytest.fixture
def nothing_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NETWORKS)


async def test_what_is_not_there_is_said(service: Service) -> None:
    for path in ("", "/deliveries"):
        assert (await service.dora.get(f"/v1/webhooks/none{path}")).json()["code"] == "webhook_not_found"
    assert (await service.dora.post("/v1/webhooks/none/ping")).json()["code"] == "webhook_not_found"
    added = (await service.dora.post("/v1/webhooks", PUBLIC)).json()
    at = f"/v1/webhooks/{added['webhook_id']}"
    answer = await service.dora.post(f"{at}/redeliver", {"event_id": "0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"})
    assert answer.json()["code"] == "delivery_not_found"
    await service.dora.post(f"{at}/disable")
    assert (await service.dora.post(f"{at}/ping")).json()["code"] == "webhook_disabled"


async def test_deliveries_are_listed_page_by_page_the_newest_first(bank: Bank, receiver: Receiver) -> None:
    async with receiving() as other:
        await subscribed(bank, other, "WebhookPinged")
        await subscribed(bank, receiver, "WebhookPinged")
        at = f"/v1/webhooks/{receiver.webhook_id}"
        for webhook in (at, f"/v1/webhooks/{other.webhook_id}", at, at):
            await bank.dora.post(f"{webhook}/ping")
        await receiver.gets(3)
        first = (await bank.dora.get(f"{at}/deliveries?limit=2")).json()
        second = (await bank.dora.get(f"{at}/deliveries?limit=2&cursor={first['next_cursor']}")).json()
        assert second["next_cursor"] is None
        pages = [[one["event_id"] for one in page["items"]] for page in (first, second)]
    sent = [one.headers["webhook-id"] for one in receiver.app.received]
    assert pages == [[sent[2], sent[1]], [sent[0]]]


def test_the_types_that_may_be_asked_for_are_those_of_the_services_that_this_one_has_events_of() -> None:
    assert {"ModelRegistered", "VerificationPassed", "SignOffApproved", "WebhookPinged"} <= KNOWN_TYPES
