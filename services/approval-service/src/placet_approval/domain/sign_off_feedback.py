"""Deciding on feedback: who may answer for a group, and who may resolve or waive an issue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from placet_approval.domain.feedback import FeedbackVerdict, Issue
from placet_approval.domain.known_sign_off import excluded_now
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_acts import SignOffActs
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_phases import holding_reasons
from placet_approval.domain.sign_off_rules import (
    Signer,
    refuse_for,
    require_own_hand,
    require_person,
    require_rationale,
    require_uninvolved,
)
from placet_approval.domain.timestamps import rfc3339
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound

__all__ = ["SignOffFeedback"]

MOST_OF_ONE, MOST_OPEN = 10, 40
STOPS_FEEDBACK = ("timed_out", "changes_requested")


class SignOffFeedback(SignOffActs):
    """Groups answer, raise issues and say when they are resolved; a named role may waive one for a time."""

    def __init__(self) -> None:
        super().__init__()

    def give_feedback(
        self,
        signer: Signer,
        group: str,
        verdict: FeedbackVerdict,
        now: Circumstances,
        comment: Commitment | None,
        at: datetime,
        *,
        issue_id: str,
        attachments: Sequence[str] = (),
    ) -> None:
        """One person's answer for a group, instead of an earlier one of the same person; an issue stays open whatever is answered later."""
        self._require_pending()
        self._require_no_hand(signer, now)
        require_own_hand(signer, (), self._hands)
        term = self._term_of(group)
        role = _role_in(signer, term.any_of, f"answer for {group}")
        if verdict != "approve":
            self._require_room(signer, now)
        refuse_for(*(reason for reason in holding_reasons(self.known, at) if reason.code in STOPS_FEEDBACK))
        require_rationale(comment, required=verdict != "approve")
        self._happen(
            self.FeedbackGiven,
            at,
            round=self.round,
            person_id=signer.id,
            group=group,
            role=role,
            verdict=verdict,
            issue_id=None if verdict == "approve" else issue_id,
            attachments=list(attachments),
            token_issuers=sorted(signer.token_issuers),
            comment=comment,
        )

    def resolve_issue(self, signer: Signer, issue_id: str, now: Circumstances, rationale: Commitment, at: datetime) -> None:
        """The group that raised it, by any of its people without a part in the version, says that it is dealt with.

        Where the policy does not ask the group any more, only the person who raised it can.
        """
        self._require_pending()
        issue = self._open_issue(issue_id)
        if issue.finding is not None:
            raise Conflict(
                f"{issue.finding} is a finding of a verification, which no person can call resolved.",
                code="finding_not_resolvable",
                resolve="Have it waived: `placet signoff waive ID`; or register a version that is better, and verify that.",
            )
        self._require_no_hand(signer, now)
        term = next((term for term in self.feedback_terms if term.group == issue.group), None)
        if signer.id != issue.raised_by or term is not None:
            _role_in(signer, term.any_of if term else (), f"say that an issue of {issue.group} is resolved")
        self._happen(self.IssueResolved, at, issue_id=issue_id, person_id=signer.id, rationale=rationale)

    def waive_issue(self, signer: Signer, issue_id: str, until: datetime, now: Circumstances, rationale: Commitment, at: datetime) -> None:
        """A person in a role that the policy names lets the approval go on with an open issue, until a time; the approval ends by then."""
        self._require_pending()
        self._open_issue(issue_id)
        self._require_no_hand(signer, now)
        terms = now.policy.terms.process.waivers
        if terms is None:
            raise Forbidden(
                f"The policy for {now.policy.terms.environment} lets no issue be waived.",
                code="waiver_not_allowed",
                resolve="Have the group that raised the issue say that it is resolved.",
            )
        role = _role_in(signer, terms.any_of, "waive an issue")
        require_own_hand(signer, (), self._hands)
        if not at < until <= at + terms.for_at_most:
            raise Invalid(
                f"A waiver ends in the future and within {_days(terms.for_at_most.total_seconds())} days.",
                code="waiver_too_long",
                resolve=f"Name an `until` that is not after {rfc3339(at + terms.for_at_most)}.",
            )
        issuers = sorted(signer.token_issuers)
        self._happen(
            self.IssueWaived,
            at,
            issue_id=issue_id,
            person_id=signer.id,
            role=role,
            until=rfc3339(until),
            token_issuers=issuers,
            rationale=rationale,
        )

    @property
    def _hands(self) -> Mapping[str, Sequence[str]]:
        """Those who have answered, waived, signed, were signed for, or chose a signer, each with others who could have done it."""
        answered = {one.person_id: one.token_issuers for one in self.feedback}
        chose = {one.reassigned_by: one.token_issuers for one in self.reassignments}
        signed = {person: approval.token_issuers for approval in self.approvals for person in approval.people}
        people = {*answered, *self.waived_by, *chose, *signed}
        given = (answered, self.waived_by, chose, signed)
        return {person: sorted({issuer for one in given for issuer in one.get(person, ())}) for person in people}

    def _require_no_hand(self, signer: Signer, now: Circumstances) -> None:
        """A person, without a part in it, with a token that no person with a part in it could have used."""
        require_person(signer)
        excluded = excluded_now(self.known, now)
        require_uninvolved(signer, excluded, self.terms)
        require_own_hand(signer, excluded, {self.binding.requester: self.requested_with_token_of})

    def _require_room(self, signer: Signer, now: Circumstances) -> None:
        """Open issues go on to each later request for the bytes, which has room for so many: one person does not fill it."""
        raised = {
            issue_id: issue.raised_by for issue_id, issue in self.issues.items() if issue.finding is None and issue.state != "resolved"
        }
        raised |= {one["issue_id"]: one["raised_by"] for one in now.carried_issues}
        if len(raised) >= MOST_OPEN or [*raised.values()].count(signer.id) >= MOST_OF_ONE:
            raise Conflict(
                f"On these bytes a person raises at most {MOST_OF_ONE} issues at a time, and all together {MOST_OPEN}.",
                code="too_many_issues",
                resolve="Say that issues are resolved, `placet signoff resolve ID`; or reject it, `placet signoff reject ID`.",
            )

    def _term_of(self, group: str) -> FeedbackTerm:
        for term in self.feedback_terms:
            if term.group == group:
                return term
        asked = " or ".join(term.group for term in self.feedback_terms)
        raise Invalid(
            f"This sign-off asks for no feedback of {group}.",
            code="feedback_not_asked_for",
            resolve=f"Answer for {asked}, if you are one of them." if asked else "Comment on it, approve it or reject it.",
        )

    def _open_issue(self, issue_id: str) -> Issue:
        issue = self.issues.get(issue_id)
        if issue is None:
            raise NotFound(
                f"This sign-off has no issue {issue_id}.", code="issue_not_found", resolve="See its issues: `placet signoff show ID`."
            )
        if issue.state == "resolved":
            raise Conflict("The issue is resolved.", code="issue_resolved", resolve="Nothing more is needed for it.")
        return issue


def _role_in(signer: Signer, roles: Sequence[str], what: str) -> str:
    held = [role for role in roles if role in signer.roles]
    if not held:
        who = f"a person who is {' or '.join(roles)}" if roles else "the person who raised it"
        raise Forbidden(
            f"Only {who} can {what}.",
            code="role_not_held",
            resolve=f"Ask {who}{', or have an admin give you that role' if roles else ''}.",
        )
    return held[0]


def _days(seconds: float) -> str:
    return f"{seconds / 86400:g}"
