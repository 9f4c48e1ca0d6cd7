"""The inbox: only what the person may sign waits for them, the most urgent first; what they requested and signed is told too."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from placet_approval.domain.authority import Authority
from placet_approval.domain.inbox import Awaited, StandIn, roles_to_sign_in, urgency
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.queries import inbox
from placet_shared.model_selectors import SelectableModel

from ..conftest import Caller
from .builders import AT, ONE_OF_EACH
from .conftest import ARTIFACT, WHY, Bank


def awaited(**changes: Any) -> Awaited:
    values: dict[str, Any] = {
        "requester": "alice", "terms": ONE_OF_EACH, "signed": (), "counting": (), "excludes": ("trainer",), "claims": (),
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
        {"claims": [Claim("erin", "trainer", "erin")]},
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
    assert roles_to_sign_in(ERIN, awaited(claims=[Claim("erin", "registrar", "erin")]))


def test_what_runs_without_a_yes_comes_first_then_what_soon_does_then_the_oldest() -> None:
    old, new = AT - timedelta(days=9), AT - timedelta(days=1)
    day = timedelta(days=1)
    in_order = [
        urgency(new, True, None, None, AT),
        urgency(AT, True, AT - timedelta(seconds=1), AT, AT),
        urgency(new, True, AT + day, None, AT),
        urgency(new, False, None, AT + 2 * day, AT),
        urgency(old, True, AT + 4 * day, AT + 3 * day, AT),
        urgency(old, True, AT + 5 * day, None, AT),
        urgency(old, False, None, None, AT),
        urgency(new, False, AT + timedelta(hours=1), None, AT),
    ]
    assert in_order == sorted(in_order)


FOR_CAROL = Authority("carol", frozenset({"risk-officer"}), "delegation-1")


def test_what_another_person_may_sign_waits_for_the_delegate_in_that_person_s_roles() -> None:
    dave = Signer("dave", "person", frozenset({"developer"}))
    assert roles_to_sign_in(dave, awaited()) == []
    assert roles_to_sign_in(dave, awaited(), FOR_CAROL) == ["risk-officer"]


@pytest.mark.parametrize(
    "changes",
    [
        {"requester": "carol"},
        {"claims": [Claim("carol", "trainer", "bob")]},
        {"claims": [Claim("dave", "trainer", "bob")]},
        {"signed": [Approval("carol", "risk-officer")], "counting": [Approval("carol", "risk-officer")]},
        {"token_issuers": ("carol",)},
    ],
    ids=["delegator requested it", "delegator trained it", "delegate trained it", "delegator signed it", "delegator issued a token"],
)
def test_nothing_waits_for_a_delegate_where_either_person_may_not_sign(changes: dict[str, Any]) -> None:
    assert roles_to_sign_in(Signer("dave", "person", frozenset()), awaited(**changes), FOR_CAROL) in ([], ())


def test_in_sequence_it_waits_only_for_those_whose_turn_it_is() -> None:
    assert roles_to_sign_in(ERIN, awaited(in_sequence=True)) == ["reviewer"]
    bob = Approval("bob", "reviewer")
    assert roles_to_sign_in(ERIN, awaited(in_sequence=True, signed=[bob], counting=[bob])) == ["risk-officer"]


@pytest.mark.parametrize(
    ("stand_in", "covers"),
    [
        (StandIn(FOR_CAROL), True),
        (StandIn(FOR_CAROL, ["prod"], ["fr*"]), True),
        (StandIn(FOR_CAROL, ["test"]), False),
        (StandIn(FOR_CAROL, (), ["churn"]), False),
        (StandIn(FOR_CAROL, sign_off_id="01"), True),
        (StandIn(FOR_CAROL, sign_off_id="02"), False),
    ],
)
def test_a_stand_in_is_for_what_is_in_its_scope(stand_in: StandIn, covers: bool) -> None:
    assert stand_in.covers("01", "prod", SelectableModel("model-1", "fraud")) is covers


def in_days(count: float) -> str:
    return (datetime.now(UTC) + timedelta(days=count)).isoformat()


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


@pytest.mark.postgres
async def test_what_waits_for_an_absent_person_waits_for_their_delegate_and_says_whom_for(bank: Bank) -> None:
    dave = await bank.service.person("dave", "developer")
    granted = await bank.carol.post(
        "/v1/delegations", {"delegate": dave.id, "ends_at": in_days(14), "reason": "On leave.", "environments": ["prod"]}
    )
    assert granted.status_code == 201, granted.text
    in_prod, _ = await bank.a_pending_sign_off(), await bank.a_pending_sign_off("test")
    [waiting] = (await of(dave))["to_sign"]
    assert (waiting["sign_off"]["id"], waiting["roles"]) == (in_prod.rpartition("/")[2], [])
    [other] = waiting["for_others"]
    assert (other["person"]["name"], other["roles"], other["delegation_id"]) == ("carol", ["risk-officer"], granted.json()["id"])
    assert (await dave.post(f"{in_prod}/approve", WHY)).status_code == 200
    assert (await of(dave))["to_sign"] == []
    assert in_prod.rpartition("/")[2] not in ids((await of(bank.carol))["to_sign"])


@pytest.mark.postgres
async def test_an_inbox_of_another_person_is_read_by_admins_and_auditors_alone(bank: Bank) -> None:
    path = await bank.a_pending_sign_off()
    auditor = await bank.service.person("ada", "auditor")
    for reader in (bank.dora, auditor):
        assert ids((await of(reader, person="bob"))["to_sign"]) == [path.rpartition("/")[2]]
    assert ids((await of(bank.bob, person=bank.bob.id))["to_sign"]) == [path.rpartition("/")[2]]
    refused = await bank.alice.get("/v1/inbox", params={"person": "bob"})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")
    unknown = await bank.dora.get("/v1/inbox", params={"person": "nemo"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "person_not_found")


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
