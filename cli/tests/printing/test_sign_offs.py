"""What `placet signoff` says a sign-off waits for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from placet.printing.sign_offs import progress
from placet_client.answers.sign_offs import Binding, GroupProgress, Holder, Issue, SignOff, SignOffSummary

AT = datetime(2026, 11, 27, tzinfo=UTC)
SUMMARY: dict[str, Any] = {
    "id": "01", "state": "pending", "expired": False, "model_id": "m", "model": "fraud", "version_id": "v", "number": 3,
    "environment": "prod", "requester": Holder(id="q", name="quinn"), "have": 0, "need": 2, "requested_at": AT, "changed_at": AT,
    "phase": "in_feedback",
}  # fmt: skip


def a_sign_off(**parts: Any) -> SignOff:
    binds = Binding(artifact_sha256="a" * 64, policy={})
    return SignOff(**SUMMARY, binds=binds, same_bytes_in_all=0, version_of_stream=1, **parts)


def an_issue(finding: str | None = None, **changes: Any) -> Issue:
    return Issue(**{"id": "i", "group": "", "severity": "major", "state": "open", "holds": True, "finding": finding, **changes})


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ({"issues": (an_issue("checks/auc"),)}, "waiver of 1 finding"),
        ({"issues": (an_issue("checks/auc"), an_issue("checks/ece"), an_issue())}, "waiver of 2 findings, resolution or waiver of 1 issue"),
        ({"groups": (GroupProgress(group="risk", have=0, need=1),)}, "feedback of risk"),
        ({"groups": (GroupProgress(group="risk", have=1, need=1),), "issues": (an_issue(),)}, "resolution or waiver of 1 issue"),
        ({"groups": (GroupProgress(group="law", have=0, need=1),), "issues": (an_issue(holds=False),)}, "feedback of law"),
    ],
)
def test_sign_off_that_is_held_names_what_holds_it(parts: dict[str, Any], missing: str) -> None:
    assert progress(a_sign_off(**parts)) == missing


def test_listing_does_not_know_which_of_both_holds_it() -> None:
    assert progress(SignOffSummary(**SUMMARY)) == "feedback or issues"
