"""The quorum: distinct people, each counted once; and whatever is done in whatever order, no yes comes from fewer."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from placet_approval.domain.involvement import excluded_people
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Refusal

from .builders import AT, WHY, a_claim, a_no, a_policy, a_run, now, person

REVIEWER = SignatureTerm(("reviewer",), 1)
EITHER = SignatureTerm(("reviewer", "risk-officer"), 1)

BOTH = ("reviewer", "risk-officer")
# Mostly people who may sign, so that quorums are reached; and all who may not.
SIGNERS = (
    *(person(name, role) for name in ("bob", "carol", "dave") for role in BOTH),
    *(person(name, *BOTH, "admin") for name in ("bob", "eve", "fay", "gus")),
    *(person(name, *BOTH) for name in ("alice", "trainer", "registrar", "preparer")),
    person("ci", *BOTH, kind="service_account"),
    person("dora", "admin"),
)

terms_lists = st.lists(
    st.builds(
        SignatureTerm,
        st.lists(st.sampled_from(BOTH), min_size=1, max_size=2, unique=True).map(tuple),
        st.integers(1, 2),
    ),
    min_size=1,
    max_size=3,
)
acts = st.tuples(
    st.sampled_from(("grant",) * 12 + ("reject", "revoke", "withdraw", "invalidate", "look")),
    st.sampled_from(SIGNERS),
    st.sampled_from((None, *BOTH)),
    st.sampled_from(("nothing",) * 16 + ("new result", "new policy", "lineage names bob", "bob leaves", "same bytes rejected")),
)


def test_order_of_signatures_does_not_matter() -> None:
    approvals = [Approval("bob", "reviewer"), Approval("carol", "risk-officer")]
    for order in permutations(approvals):
        assert progress([EITHER, REVIEWER], order).complete
        assert progress([REVIEWER, EITHER], order).complete


def test_one_person_with_two_signatures_counts_once() -> None:
    found = progress([REVIEWER, EITHER], [Approval("bob", "reviewer"), Approval("bob", "risk-officer")])
    assert not found.complete
    assert sum(found.have) == 1


def test_missing_names_what_is_still_to_be_signed() -> None:
    assert progress([REVIEWER, EITHER], [Approval("carol", "risk-officer")]).missing == (REVIEWER,)


def _change(now_: Circumstances, what: str) -> Circumstances:
    if what == "new result":
        return replace(now_, runs=[a_run(result="d" * 64, run_id="run-2")])
    if what == "new policy":
        terms = replace(now_.policy.terms, rationale_required=not now_.policy.terms.rationale_required)
        return replace(now_, policy=replace(now_.policy, version=now_.policy.version + 1, terms=terms))
    if what == "lineage names bob":
        return replace(now_, claims=[*now_.claims, a_claim("bob")])
    if what == "bob leaves":
        return replace(now_, in_office={name: roles for name, roles in now_.in_office.items() if name != "bob"})
    if what == "same bytes rejected":
        no = a_no(now_.standing + 1)
        return replace(now_, noes=[*now_.noes, no], standing=no.ordinal)
    return now_


def _act(sign_off: SignOff, act: str, signer: Signer, role: str | None, now_: Circumstances) -> None:
    match act:
        case "grant":
            sign_off.grant(signer, role, now_, WHY, AT)
        case "reject":
            sign_off.reject(signer, role, now_, WHY, AT)
        case "revoke":
            sign_off.revoke(signer, WHY, AT)
        case "withdraw":
            sign_off.withdraw(signer, WHY, AT)
        case "invalidate":
            sign_off.invalidate(now_, AT)
        case _:
            sign_off.comment(signer.id, WHY, AT)


@settings(max_examples=400, deadline=None)
@given(terms_lists, st.lists(acts, min_size=6, max_size=25))
def test_no_sequence_of_commands_approves_with_fewer_eligible_people_than_the_policy_asks(
    terms: Sequence[SignatureTerm], commands: Sequence[tuple[str, Signer, str | None, str]]
) -> None:
    around = now(a_policy(*terms), in_office={signer.id: frozenset(BOTH) for signer in SIGNERS})
    sign_off = SignOff.request("sign-off-1", "alice", around, WHY, AT)
    for act, signer, role, change in commands:
        around = _change(around, change)
        before, people = sign_off.state, {approval.person_id for approval in sign_off.approvals}
        with suppress(Refusal):
            _act(sign_off, act, signer, role, around)
        if before == "pending" and sign_off.state == "approved":
            people = {person_id for person_id in people if person_id in around.in_office} | {signer.id}
            assert signer.kind == "person"
            assert len(people) >= sum(term.count for term in terms)
            assert people.isdisjoint(excluded_people("alice", around.claims, around.policy.terms.excludes))
            assert {approval.person_id for approval in sign_off.approvals} == people
            assert not around.noes, "requested before any of them"
            assert sign_off.binding == type(sign_off.binding).to(around, "alice")
