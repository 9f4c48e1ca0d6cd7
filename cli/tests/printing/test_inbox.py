"""What `placet inbox` says of what waits."""

from datetime import UTC, datetime
from typing import Any

import pytest

from placet.printing.inbox import show_inbox
from placet_client.answers.inbox import EndedSignOff, Inbox, SignOffToSign
from placet_client.answers.sign_offs import Holder, SignOffSummary

AT = datetime(2026, 11, 27, tzinfo=UTC)


def a_sign_off(id: str, **changes: Any) -> SignOffSummary:
    values: dict[str, Any] = {
        "id": id, "state": "pending", "expired": False, "model_id": "m", "model": "fraud", "version_id": "v", "number": 3,
        "environment": "prod", "requester": Holder(id="q", name="quinn"), "have": 1, "need": 2, "requested_at": AT, "changed_at": AT,
    }  # fmt: skip
    return SignOffSummary(**{**values, **changes})


def shown(capsys: pytest.CaptureFixture[str], **parts: Any) -> tuple[str, str]:
    show_inbox(Inbox(**{"more_to_sign": False, **parts}))
    said = capsys.readouterr()
    return said.out, said.err


def test_what_waits_says_why_it_waits_for_you_and_what_is_urgent(capsys: pytest.CaptureFixture[str]) -> None:
    roles = ("reviewer", "risk-officer")
    first = SignOffToSign(sign_off=a_sign_off("01"), roles=roles, policy_version=2, runs_now=True)
    second = SignOffToSign(sign_off=a_sign_off("02"), roles=roles[:1], policy_version=2, runs_now=True, approved_until=AT)
    out, err = shown(capsys, to_sign=(first, second), more_to_sign=True)
    heading, _, one, two = out.splitlines()
    assert heading == "Waiting for your signature: more than 2"
    assert "fraud/3 → prod" in one
    assert "reviewer or risk-officer, by policy version 2" in one
    assert "runs there without a yes" in one
    assert "reviewer, by policy version 2" in two
    assert "approved until 2026-11-27 00:00:00" in two
    assert "placet signoff show 01" in err


def test_an_empty_inbox_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys) == ("", "No sign-off waits for you.\n")


def test_requests_and_endings_have_a_part_each(capsys: pytest.CaptureFixture[str]) -> None:
    expired = EndedSignOff(sign_off=a_sign_off("04", state="approved", expired=True), ended_at=AT)
    out, _ = shown(capsys, requested=(a_sign_off("03"),), ended=(expired,))
    requested, ended = out.split("You signed, and it ended")
    assert "You requested" in requested
    assert "03" in requested
    assert "pending" in requested
    assert "04" in ended
    assert "expired" in ended
    assert "approved" not in ended


def test_release_is_shown_once_with_all_its_versions(capsys: pytest.CaptureFixture[str]) -> None:
    """They are signed as one."""
    members = [a_sign_off(id, model=model, release_id="10") for id, model in (("01", "fraud"), ("03", "pricing"))]
    alone = a_sign_off("02", model="churn")
    to_sign = tuple(
        SignOffToSign(sign_off=one, roles=("reviewer",), policy_version=2, runs_now=False) for one in (members[0], alone, members[1])
    )
    out, err = shown(capsys, to_sign=to_sign)
    rows = out.splitlines()[2:]
    assert len(rows) == 2
    assert "release of fraud/3, pricing/3 → prod" in rows[0]
    assert "placet releases show 10" in err
