"""The inbox: only what the person may sign waits for them, the most urgent first; what they requested and signed is told too."""

from datetime import timedelta
from typing import Any

import pytest

from placet_approval.domain.inbox import Awaited, roles_to_sign_in, urgency
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.queries import inbox

from ..conftest import Caller
from .builders import AT, ONE_OF_EACH
from .conftest import ARTIFACT, WHY, Bank


def awaited(**changes: Any) -> Awaited:
    values: dict[str, Any] = {
        "requester": "alice", "terms": ONE_OF_EACH, "signed": (), "counting": (), "excludes": ("trainer",), "parts": (),
        "token_issuers": (),
    }  # fmt: skip
    return Awaited(**{**values, **changes})


ERIN = Signer("erin", "person", frozenset({"reviewer", "risk-officer", "admin"}))


def test_it_waits_for_a_person_in_each_role_that_is_needed() -> None:
    assert roles_to_sign_in(ERIN, awaited()) == ["reviewer", "risk-officer"]


@pytest.mark.parametrize(
    "changes",
    [
        {"requester": "erin"},
        {"parts": ("trainer",)},
        {"signed": [Approval("erin", "reviewer")], "counting": [Approval("erin", "reviewer")]},
        {"signed": [Approval("erin", "reviewer")]},
        {"token_issuers": ("erin",)},
        {"terms": (SignatureTerm(("owner",), 1),)},
    ],
    ids=["requested it", "trained it", "signed it", "signed it in a role that is gone", "issued the token of a signer", "has no role"],
)
def test_nothing_waits_for_a_person_who_may_not_sign(changes: dict[str, Any]) -> None:
    assert roles_to_sign_in(ERIN, awaited(**changes)) in ([], ())


def test_nothing_waits_for_a_service_account() -> None:
    assert not roles_to_sign_in(Signer("ci", "service_account", frozenset({"reviewer"})), awaited())


def test_a_role_that_is_complete_waits_for_no_further_person() -> None:
    bob = Approval("bob", "reviewer")
    assert roles_to_sign_in(ERIN, awaited(signed=[bob], counting=[bob])) == ["risk-officer"]
    assert roles_to_sign_in(ERIN, awaited(signed=[bob])) == ["reviewer", "risk-officer"]  # bob left office


def test_a_part_that_the_policy_does_not_exclude_does_not_hide_it() -> None:
    assert roles_to_sign_in(ERIN, awaited(parts=("registrar",)))


def test_what_runs_without_a_yes_comes_first_then_what_soon_does_then_the_oldest() -> None:
    old, new = AT - timedelta(days=9), AT - timedelta(days=1)
    in_order = [
        urgency(new, True, None, AT),
        urgency(AT, True, AT - timedelta(seconds=1), AT),
        urgency(new, True, AT + timedelta(days=1), AT),
        urgency(old, True, AT + timedelta(days=2), AT),
        urgency(old, False, None, AT),
        urgency(new, False, AT + timedelta(hours=1), AT),
    ]
    assert in_order == sorted(in_order)


async def of(caller: Caller, **query: Any) -> dict[str, Any]:
    answer = await caller.get("/v1/inbox", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ids(waiting: list[dict[str, Any]]) -> list[str]:
    return [one["sign_off"]["id"] for one in waiting]


@pytest.mark.postgres
async def test_an_inbox_follows_a_sign_off_from_request_to_end(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    sign_off_id = path.rpartition("/")[2]
    [waiting] = (await of(bank.bob))["to_sign"]
    assert (waiting["sign_off"]["id"], waiting["roles"], waiting["policy_version"]) == (sign_off_id, ["reviewer"], 1)
    assert (waiting["runs_now"], waiting["approved_until"]) == (False, None)
    requester = await of(bank.alice)
    assert ids(requester["to_sign"]) == []
    assert [one["id"] for one in requester["requested"]] == [sign_off_id]
    assert (await of(bank.ci)) == {"to_sign": [], "more_to_sign": False, "to_answer": [], "to_complete": [], "requested": [], "ended": []}
    frank = await bank.service.person("frank", "reviewer")
    await bank.bob.post(f"{path}/approve", WHY)
    assert ids((await of(bank.bob))["to_sign"]) == ids((await of(frank))["to_sign"]) == []
    assert ids((await of(bank.carol))["to_sign"]) == [sign_off_id]
    await bank.carol.post(f"{path}/approve", WHY)
    assert (await of(bank.carol)) == {
        "to_sign": [],
        "more_to_sign": False,
        "to_answer": [],
        "to_complete": [],
        "requested": [],
        "ended": [],
    }
    await bank.carol.post(f"{path}/revoke", WHY)
    for signer in (bank.bob, bank.carol):
        [ended] = (await of(signer))["ended"]
        assert (ended["sign_off"]["id"], ended["sign_off"]["state"]) == (sign_off_id, "revoked")
    assert (await of(frank))["ended"] == []


@pytest.mark.postgres
async def test_an_approval_that_expired_is_told_to_its_signers(bank: Bank) -> None:
    await bank.an_approved_sign_off()
    await bank.connection.execute("update signed_endings set ended_at = clock_timestamp() - interval '1 second'")
    await bank.connection.execute("update sign_offs set expires_at = clock_timestamp() - interval '1 second'")
    [ended] = (await of(bank.bob))["ended"]
    assert ended["sign_off"]["expired"]


@pytest.mark.postgres
async def test_a_renewal_of_what_runs_says_until_when_it_is_approved_and_comes_first(bank: Bank) -> None:
    first = await bank.an_approved_sign_off()
    until = (await bank.sees(first))["expires_at"]
    await bank.hears("registry", "DeploymentReported", {
        "deployment_id": "d-1", "model_id": bank.model_id, "version_id": bank.version_id, "environment": "prod", "sha256": ARTIFACT,
        "permit_id": None,
    })  # fmt: skip
    older = await bank.a_pending_sign_off("test")
    renewal = await bank.a_pending_sign_off()
    for signer in (bank.bob,):
        waiting = (await of(signer))["to_sign"]
        assert ids(waiting) == [renewal.rpartition("/")[2], older.rpartition("/")[2]]
        assert (waiting[0]["runs_now"], waiting[0]["approved_until"]) == (True, until)


# Enough that not all are looked at: person-1 may sign those that end in 0, and has trained the others.
MANY = """
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, evidence, policy, signatures, excluded,
                           requester_id, requested_at, changed_at, stream_version)
    select 'sign-off-' || to_char(n, 'fm00000'), 'model-1', 'version-' || n, 'prod', 'pending', 'bytes-' || n, '[]', '{"version": 1}',
           '[{"any_of": ["reviewer"], "count": 1}]', '[]', 'person-2', now(), now(), 1
    from generate_series(1, 1500) n;
    insert into known_involvements
    select artifact_sha256, $person$, 'trainer', $person$, version_id, now() from sign_offs where right(sign_off_id, 1) <> '0';
"""


@pytest.mark.postgres
async def test_of_very_many_that_wait_the_oldest_are_listed_and_more_are_told_of(bank: Bank) -> None:
    await bank.connection.execute(MANY.replace("$person$", f"'{bank.bob.id}'"))
    found = await of(bank.bob, limit=30)
    assert ids(found["to_sign"]) == [f"sign-off-{n:05}" for n in range(10, 301, 10)]
    assert found["more_to_sign"]
    far = await of(bank.bob, limit=100)
    assert len(far["to_sign"]) == inbox.AT_ONCE * inbox.TIMES // 10
    assert far["more_to_sign"]
