"""What waits for a person: in which roles they may sign a pending sign-off, by the rules of signing themselves, and what is urgent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from placet_approval.domain.feedback import Feedback
from placet_approval.domain.involvement import Claim, excluded_people
from placet_approval.domain.policy_terms import Involvement, SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_quorum import Approval, would_count
from placet_approval.domain.sign_off_rules import Signer, require_own_hand, require_person, require_uninvolved, require_unsigned
from placet_shared.errors import Refusal

__all__ = ["Awaited", "Urgency", "groups_to_answer_for", "roles_to_sign_in", "urgency"]

Urgency = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A pending sign-off, as far as it matters to one person: `parts` are those that this person had in the bytes.

    `counting` are the signatures whose signers are in office; `token_issuers` issued a token that it was requested or signed with.
    """

    requester: str
    terms: Sequence[SignatureTerm]
    signed: Sequence[Approval]
    counting: Sequence[Approval]
    excludes: Sequence[Involvement]
    parts: Sequence[Involvement]
    token_issuers: Sequence[str]


def roles_to_sign_in(signer: Signer, awaited: Awaited) -> Sequence[str]:
    """The signer's roles that are still needed; none for those who may not sign it, for whichever reason.

    The signer's token is left out of it: it is the person for whom something waits, with whatever token they sign.
    """
    try:
        _require_no_hand(signer, awaited)
        require_unsigned(signer, awaited.signed, awaited.terms)
    except Refusal:
        return ()
    return [role for role in sorted(_asked_for(awaited.terms) & signer.roles) if would_count(awaited.terms, awaited.counting, role)]


def groups_to_answer_for(signer: Signer, awaited: Awaited, terms: Iterable[FeedbackTerm], given: Iterable[Feedback]) -> Sequence[str]:
    """The groups that wait for an answer that the signer could give; none for those who may not, and none twice.

    `terms` are the groups that wait, `given` the answers of this round.
    """
    try:
        _require_no_hand(signer, awaited)
    except Refusal:
        return ()
    answered = {one.group for one in given if one.person_id == signer.id}
    return [term.group for term in terms if term.group not in answered and signer.roles.intersection(term.any_of)]


def _require_no_hand(signer: Signer, awaited: Awaited) -> None:
    claims = [Claim(signer.id, part, signer.id) for part in awaited.parts]
    require_person(signer)
    require_uninvolved(signer, excluded_people(awaited.requester, claims, awaited.excludes), awaited.terms)
    require_own_hand(signer, (), {awaited.requester: awaited.token_issuers})


def urgency(requested_at: datetime, runs_now: bool, approved_until: datetime | None, now: datetime) -> Urgency:
    """For sorting: first what runs without a yes, then what soon does, then what waits longest."""
    if not runs_now:
        return 2, requested_at.timestamp()
    if approved_until is None or approved_until <= now:
        return 0, requested_at.timestamp()
    return 1, approved_until.timestamp()


def _asked_for(terms: Iterable[SignatureTerm]) -> frozenset[str]:
    return frozenset(role for term in terms for role in term.any_of)
