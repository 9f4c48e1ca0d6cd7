"""A sign-off's current state, and whether its bound facts changed: the same answer from its stream and from its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from placet_approval.domain.artifact_standing import StandingNo, unanswered
from placet_approval.domain.conditions import Condition
from placet_approval.domain.evidence import run_renewing
from placet_approval.domain.feedback import Feedback, Issue
from placet_approval.domain.involvement import Claim, claims_against, excluded_people
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_binding import Binding, Change, Circumstances, changes, has_another_champion
from placet_approval.domain.sign_off_quorum import Approval, Progress, progress

__all__ = ["STANDING", "KnownSignOff", "OfRelease", "SignOffState", "contested_claims", "excluded_now", "outdated_by", "standing_noes"]

SignOffState = Literal["pending", "approved", "suspended", "rejected", "withdrawn", "expired", "invalidated", "revoked"]
"""`expired` is one whose deadline passed while it was pending; an approval whose time is over stays `approved`."""

STANDING: tuple[SignOffState, ...] = ("approved", "suspended")
"""Its quorum is complete, and nothing has ended it."""


@dataclass(frozen=True, slots=True)
class OfRelease:
    """The release that a sign-off is part of, and the number of its members."""

    release_id: str
    members: int


@dataclass(frozen=True, slots=True)
class KnownSignOff:
    """`noes_answered`: how many noes on its bytes the request showed; None when requests did not show them yet.

    `set_aside` are claims about its signers that an admin has looked at and set aside for it.
    """

    sign_off_id: str
    state: SignOffState
    binding: Binding
    terms: tuple[SignatureTerm, ...]
    approvals: tuple[Approval, ...]
    requested_at: datetime
    expires_at: datetime | None
    noes_answered: int | None = 0
    set_aside: frozenset[Claim] = frozenset()
    invalidated: Change | None = None
    round: int = 1
    feedback_terms: tuple[FeedbackTerm, ...] = ()
    in_sequence: bool = False
    feedback: tuple[Feedback, ...] = ()
    issues: tuple[Issue, ...] = ()
    conditions: tuple[Condition, ...] = ()
    changes_requested: bool = False
    ends_at: datetime | None = None
    release: OfRelease | None = None

    @property
    def signers(self) -> Sequence[str]:
        """The people who signed, and those in whose place they did."""
        return [person for approval in self.approvals for person in approval.people]

    @property
    def decided(self) -> bool:
        """Whether it has a decision of people that stands.

        A no to a release is to its request, and takes no earlier approval back; a no to the bytes stands by itself. So does a request that
        facts ended before people had decided: only what was approved has an expiry.
        """
        match self.state:
            case "rejected":
                return self.release is None
            case "invalidated":
                return self.expires_at is not None
        return self.state not in ("pending", "withdrawn", "expired")

    def progress(self, in_office: Mapping[str, frozenset[str]]) -> Progress:
        """The quorum's progress; until it is complete, a signature counts only while its signer holds the role."""
        return progress(self.terms, self.approvals if self.state != "pending" else counted(self.approvals, in_office))

    def seen(self, in_office: Mapping[str, frozenset[str]]) -> "KnownSignOff":
        """With the signatures that count."""
        return replace(self, approvals=counted(self.approvals, in_office)) if self.state == "pending" else self


def counted(approvals: Sequence[Approval], in_office: Mapping[str, frozenset[str]]) -> tuple[Approval, ...]:
    """Those whose signers are active and hold the role in which they signed; in another person's place: by a right that this person has not
    ended and still could give."""
    return tuple(
        approval for approval in approvals if approval.person_id in in_office and approval.role in in_office.get(approval.authority, ())
    )


def excluded_now(known: KnownSignOff, now: Circumstances) -> Mapping[str, Sequence[str]]:
    """The people who may not sign it, and why."""
    return excluded_people(known.binding.requester, now.claims, now.policy.terms.excludes)


def standing_noes(known: KnownSignOff, now: Circumstances) -> Sequence[StandingNo]:
    """The noes on the same bytes that it does not answer, and suspensions; one of its own only where its state does not say so."""
    others = [no for no in now.noes if no.sign_off_id != known.sign_off_id or (no.holds and known.state == "approved")]
    return unanswered(others, known.binding.version_id, known.noes_answered, known.requested_at)


def contested_claims(known: KnownSignOff, now: Circumstances) -> Sequence[Claim]:
    """Claims about signers that came after the approval, from other people, and that no admin has set aside: they suspend it."""
    if known.state not in STANDING:
        return ()
    claims = claims_against(known.signers, now.claims, now.policy.terms.excludes)
    return [claim for claim in claims if not claim.about_oneself and claim not in known.set_aside]


def outdated_by(known: KnownSignOff, now: Circumstances) -> Sequence[Change]:
    """Everything that ends a sign-off; nothing when it is over."""
    if known.state != "pending" and known.state not in STANDING:
        return ()
    return [*changes(known.binding, now), *_champions(known, now), *_hands(known, now), *_noes(known, now), *_departures(known, now)]


def _champions(known: KnownSignOff, now: Circumstances) -> Sequence[Change]:
    """While it is pending, evidence must compare with what is deployed; once it is approved, a change of champion ends nothing."""
    if known.state != "pending" or now.policy.terms.verification is None:
        return ()
    runs = [(bound, run_renewing(bound, now.runs)) for bound in known.binding.evidence]
    return [
        Change("evidence", bound.content(), {**bound.content(), "run_id": None, "result_sha256": None, "champion": now.champion})
        for bound, run in runs
        if run and has_another_champion(run, now)
    ]


def _hands(known: KnownSignOff, now: Circumstances) -> Sequence[Change]:
    """A signer had a part in the bytes: while it is pending any claim ends it, afterwards only the signer's own acts do."""
    claims = claims_against(known.signers, now.claims, now.policy.terms.excludes)
    if known.state in STANDING:
        claims = [claim for claim in claims if claim.about_oneself]
    return [Change("excluded", [], [claim.content() for claim in claims])] if claims else ()


def _noes(known: KnownSignOff, now: Circumstances) -> Sequence[Change]:
    """A no on the same bytes ends a pending sign-off, a suspension only holds it; for an approved one the gate denies, and a new one may
    be requested."""
    noes = [no for no in standing_noes(known, now) if not no.holds] if known.state == "pending" else ()
    return [Change("same_bytes", [], [no.content() for no in noes])] if noes else ()


def _departures(known: KnownSignOff, now: Circumstances) -> Sequence[Change]:
    if known.state not in STANDING or not now.policy.terms.signers_must_stay:
        return ()
    there = {person for approval in known.approvals if _stayed(approval, now.in_office) for person in approval.people}
    left = sorted(set(known.signers) - there)
    return [Change("signers", sorted(known.signers), sorted(there))] if left else ()


def _stayed(approval: Approval, in_office: Mapping[str, frozenset[str]]) -> bool:
    """The people, whatever became of the delegation: one that ends when it is no longer needed takes nothing back that was approved."""
    return approval.person_id in in_office and approval.role in in_office.get(approval.on_behalf_of or approval.person_id, ())
