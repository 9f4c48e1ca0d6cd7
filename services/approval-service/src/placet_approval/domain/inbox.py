"""What waits for a person: in which roles they may sign a pending sign-off, by the rules of signing themselves, and what is urgent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from placet_approval.domain.authority import Authority
from placet_approval.domain.feedback import Feedback
from placet_approval.domain.involvement import Claim, excluded_people
from placet_approval.domain.policy_terms import Involvement, SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_quorum import Approval, progress, would_count
from placet_approval.domain.sign_off_rules import Signer, require_own_hand, require_person, require_uninvolved, require_unsigned
from placet_shared.errors import Refusal
from placet_shared.model_selectors import ModelSelector, SelectableModel

__all__ = ["Awaited", "StandIn", "Urgency", "due_at", "groups_to_answer_for", "roles_to_sign_in", "urgency"]

Urgency = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A pending sign-off, as far as it matters to the people it may wait for: `claims` are those about its bytes.

    `counting` are the signatures whose signers are in office; `token_issuers` issued a token that it was requested or signed with.
    """

    requester: str
    terms: Sequence[SignatureTerm]
    signed: Sequence[Approval]
    counting: Sequence[Approval]
    excludes: Sequence[Involvement]
    claims: Sequence[Claim]
    token_issuers: Sequence[str]
    in_sequence: bool = False


@dataclass(frozen=True, slots=True)
class StandIn:
    """A right to sign in another person's place, and for what: no environment and no model stand for all of them.

    With `sign_off_id` it is a reassignment of that sign-off alone.
    """

    authority: Authority
    environments: Sequence[str] = ()
    models: Sequence[str] = ()
    sign_off_id: str | None = None

    def covers(self, sign_off_id: str, environment: str, model: SelectableModel) -> bool:
        """Whether it is for this sign-off too."""
        if self.sign_off_id is not None:
            return self.sign_off_id == sign_off_id
        fits = not self.environments or environment in self.environments
        return fits and ModelSelector(models=tuple(self.models)).selects(model)


def roles_to_sign_in(signer: Signer, awaited: Awaited, authority: Authority | None = None) -> Sequence[str]:
    """The roles in which they could sign now, their own or those of `authority`; none for those who may not, for whichever reason.

    The signer's token is left out of it: it is the person for whom something waits, with whatever token they sign.
    """
    acting = replace(signer, acting_for=authority)
    try:
        _require_no_hand(acting, awaited)
        require_unsigned(acting, awaited.signed, awaited.terms)
    except Refusal:
        return ()
    terms, counting = awaited.terms, awaited.counting
    if awaited.in_sequence:
        terms, counting = progress(terms, counting).missing[:1], ()
    return [role for role in sorted(_asked_for(terms) & acting.signing_roles) if would_count(terms, counting, role)]


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
    require_person(signer)
    require_uninvolved(signer, excluded_people(awaited.requester, awaited.claims, awaited.excludes), awaited.terms)
    require_own_hand(signer, (), {awaited.requester: awaited.token_issuers})


def due_at(runs_now: bool, approved_until: datetime | None, ends_at: datetime | None) -> datetime | None:
    """By when it matters: when the yes ends under which it runs, or when people have had their time; whichever is first."""
    return min((time for time in (approved_until if runs_now else None, ends_at) if time), default=None)


def urgency(requested_at: datetime, runs_now: bool, approved_until: datetime | None, ends_at: datetime | None, now: datetime) -> Urgency:
    """For sorting: first what runs without a yes, then what is due, the earliest first, then what waits longest."""
    if runs_now and (approved_until is None or approved_until <= now):
        return 0, requested_at.timestamp()
    due = due_at(runs_now, approved_until, ends_at)
    return (2, requested_at.timestamp()) if due is None else (1, due.timestamp())


def _asked_for(terms: Iterable[SignatureTerm]) -> frozenset[str]:
    return frozenset(role for term in terms for role in term.any_of)
