"""What a webhook is sent and signed with, and when it is sent again."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Reference
from standardwebhooks.webhooks import WebhookVerificationError

from placet_approval.domain.webhook import Webhook
from placet_approval.domain.webhook_retries import PAUSES, Attempted, Outcome, outcome
from placet_approval.domain.webhook_signature import secret_text, signed_headers
from placet_approval.domain.webhook_types import event_types, selects
from placet_shared.errors import Conflict, Malformed

AT = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
KNOWN = {"SignOffApproved", "SignOffRevoked", "ModelRegistered"}
KEY = bytes(range(32))


def test_a_signature_is_the_one_that_the_specification_prints() -> None:
    """The example of the specification's own text and libraries."""
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        datetime.fromtimestamp(1614265330, UTC),
    )  # fmt: skip
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_a_receiver_verifies_with_either_secret_of_a_rotation_and_with_no_other() -> None:
    new, old, other = (secret_text(bytes([n]) * 32) for n in (1, 2, 3))
    body = '{"type":"placet.SignOffApproved.v2","data":{"ü":1}}'.encode()
    headers = dict(signed_headers("an-id", body, [new, old], datetime.now(UTC)))
    for secret in (new, old):
        assert Reference(secret).verify(body, headers)["data"] == {"ü": 1}
    with pytest.raises(WebhookVerificationError):
        Reference(other).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Reference(new).verify(body + b" ", headers)


def test_a_secret_is_written_as_the_specification_says() -> None:
    assert secret_text(KEY) == "whsec_" + base64.b64encode(KEY).decode()


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_every_2xx_is_a_delivery(status: int) -> None:
    assert outcome(Attempted(status, None, 1), 1, True).state == "delivered"


@pytest.mark.parametrize("status", [None, 301, 308, 408, 425, 429, 500, 503])
def test_a_receiver_that_is_away_or_busy_holds_up_what_comes_after(status: int | None) -> None:
    assert outcome(Attempted(status, None, 1), 1, True) == Outcome("pending", True, timedelta(seconds=5))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_message_that_is_refused_is_tried_again_by_itself(status: int) -> None:
    assert outcome(Attempted(status, None, 1), 2, True) == Outcome("pending", False, timedelta(seconds=30))


def test_pauses_grow_to_hours_until_it_is_parked_after_a_day() -> None:
    tried = [outcome(Attempted(500, None, 1), attempts, True) for attempts in range(1, 10)]
    assert [one.state for one in tried] == ["pending"] * 8 + ["parked"]
    assert sorted(PAUSES) == [*PAUSES] == [one.pause for one in tried[:8]]
    assert timedelta(hours=20) < sum(PAUSES, timedelta()) < timedelta(hours=24)


def test_what_goes_by_itself_keeps_no_other_waiting_whatever_happens() -> None:
    assert not outcome(Attempted(None, "no answer", 1), 1, False).holds


def test_a_receiver_that_is_gone_parks_at_once() -> None:
    assert outcome(Attempted(410, None, 1), 1, True).state == "parked"


def test_types_are_asked_for_by_name_by_prefix_or_all() -> None:
    assert event_types(["SignOff*", "ModelRegistered", "ModelRegistered"], KNOWN) == ["ModelRegistered", "SignOff*"]
    assert [type_ for type_ in sorted(KNOWN) if selects(["SignOff*"], type_)] == ["SignOffApproved", "SignOffRevoked"]
    assert all(selects(["*"], type_) for type_ in KNOWN)
    assert not selects(["SignOffApprove"], "SignOffApproved")


@pytest.mark.parametrize("asked", [[], ["SignOfApproved"], ["Nothing*"], [""], ["*Approved"]])
def test_a_type_that_there_is_not_is_refused(asked: list[str]) -> None:
    with pytest.raises(Malformed) as refused:
        event_types(asked, KNOWN)
    if asked == ["SignOfApproved"]:
        assert "did you mean `SignOffApproved`?" in refused.value.detail


def test_a_disabled_webhook_is_sent_nothing_until_it_is_enabled() -> None:
    webhook = Webhook.add("w", "a.example", "0" * 64, ["*"], AT)
    webhook.disable("gone", AT)
    webhook.disable("asked", AT)
    with pytest.raises(Conflict):
        webhook.ping(AT)
    with pytest.raises(Conflict):
        webhook.request_redelivery("e", AT)
    webhook.enable(AT)
    webhook.enable(AT)
    webhook.ping(AT)
    assert [event.TOPIC for event in webhook.collect_events()] == ["WebhookAdded", "WebhookDisabled", "WebhookEnabled", "WebhookPinged"]  # type: ignore[attr-defined]
