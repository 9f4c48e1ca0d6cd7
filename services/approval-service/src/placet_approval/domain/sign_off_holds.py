"""Deciding on holds: asking for changes, suspending an approval, conditions, and what happens by time."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from placet_approval.domain.conditions import Condition, due_dates
from placet_approval.domain.feedback import waived_until
from placet_approval.domain.known_sign_off import STANDING
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_feedback import SignOffFeedback
from placet_approval.domain.sign_off_rules import Signer, require_own_hand, require_person, require_signing_role
from placet_approval.domain.timestamps import parse_rfc3339, rfc3339
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound

__all__ = ["NewCondition", "SignOffHolds"]

NewCondition = tuple[str, str, datetime, Commitment]
"""Its id, the owner's id, when it is due, what is to be done."""

MOST_CONDITIONS = 20


class SignOffHolds(SignOffFeedback):
    """A reviewer sends it back; a person who may sign suspends an approval at once, and one without a part in it lets it go on."""

    def __init__(self) -> None:
        super().__init__()

    def request_changes(self, signer: Signer, now: Circumstances, rationale: Commitment, at: datetime) -> None:
        """Send it back to its requester: nothing is signed until a new round begins."""
        self._require_pending()
        self._require_no_hand(signer, now)
        if self.changes_requested:
            raise Conflict(
                "Changes were requested already.", code="changes_requested", resolve="Comment on it; its requester begins a new round."
            )
        roles = sorted({*self._signing_roles, *(role for term in self.feedback_terms for role in term.any_of)})
        require_signing_role(signer, None, roles)
        role = next(role for role in roles if role in signer.roles)
        self._happen(self.ChangesRequested, at, person_id=signer.id, role=role, rationale=rationale)

    def suspend(self, signer: Signer, rationale: Commitment, at: datetime) -> None:
        """Hold an approval at once, as a signer, a person who may sign, or an admin; no part in the version keeps one from it."""
        require_person(signer)
        if self.state != "approved":
            raise Conflict(
                "Only an approved sign-off can be suspended.",
                code="nothing_to_suspend",
                resolve="While it is pending, reject it or ask for changes.",
                state=self.state,
            )
        if "admin" not in signer.roles and signer.id not in self.known.signers:
            require_signing_role(signer, None, self._signing_roles)
        self._happen(self.SignOffSuspended, at, person_id=signer.id, rationale=rationale)

    def resume(self, signer: Signer, now: Circumstances, rationale: Commitment, at: datetime) -> None:
        """Let a suspended approval go on: a person who may sign it and has no part in it. What has ended meanwhile stays ended."""
        require_person(signer)
        if self.state != "suspended":
            raise Conflict("It is not suspended.", code="nothing_to_resume", resolve="See how it stands: `placet signoff show ID`.")
        self._require_no_hand(signer, now)
        require_signing_role(signer, None, self._signing_roles)
        issuers = sorted(signer.token_issuers)
        self._happen(self.SignOffResumed, at, person_id=signer.id, token_issuers=issuers, rationale=rationale)

    def holds_bytes(self, now: Circumstances) -> bool:
        """Whether its suspension holds its bytes for every version that has them."""
        return any(no.holds and no.sign_off_id == self.key for no in now.noes)

    def lift_hold(self, signer: Signer, now: Circumstances) -> None:
        """The same for bytes that it still holds though it has ended itself; its own state stays."""
        require_person(signer)
        if not self.holds_bytes(now):
            raise Conflict("It is not suspended.", code="nothing_to_resume", resolve="See how it stands: `placet signoff show ID`.")
        self._require_no_hand(signer, now)
        require_signing_role(signer, None, self._signing_roles)

    def meet_condition(self, signer: Signer, condition_id: str, now: Circumstances, rationale: Commitment, at: datetime) -> None:
        """Say that a condition was met, before it is due: who set it, or a person who may sign; never its owner."""
        if self.state != "pending" and self.state not in STANDING:
            self._require_pending()
        condition = self.conditions.get(condition_id)
        if condition is None:
            raise NotFound(f"It has no condition {condition_id}.", code="condition_not_found", resolve="See `placet signoff show ID`.")
        if condition.met or condition.missed(at):
            over = "was met already" if condition.met else f"was due at {rfc3339(condition.due_at)} and was not met"
            raise Conflict(f"The condition {over}.", code="condition_closed", resolve="If it was missed, request a new sign-off.")
        if signer.id == condition.owner_id:
            raise Forbidden(
                "You own this condition, so another person says that it was met.",
                code="separation_of_duties",
                resolve="Ask the person who set it, or another person who may sign.",
            )
        self._require_no_hand(signer, now)
        require_own_hand(signer, [condition.owner_id], {})
        if signer.id != condition.set_by:
            require_signing_role(signer, None, self._signing_roles)
        others = [one for one in self.conditions.values() if one.condition_id != condition_id]
        until = rfc3339(self._lapses(others, parse_rfc3339(self.longest_until))) if self.longest_until else None
        self._happen(self.ConditionMet, at, condition_id=condition_id, person_id=signer.id, expires_at=until, rationale=rationale)

    def remind(self, at: datetime) -> bool:
        """Bring to mind what is due by now, once: a reminder, an escalation, a review, or the end. Whether anything was."""
        before = self.version
        due = self.deadlines or {}
        if self.state == "pending" and _is_past(due.get("ends_at"), at):
            self._happen(self.SignOffExpired, at, ended_at=due["ends_at"])
        elif self.state == "pending":
            if not self.escalated and due.get("escalate_to") and _is_past(due.get("escalate_at"), at):
                self._happen(self.SignOffEscalated, at, to=due["escalate_to"], roles=self._awaited)
            elif not self.reminded and not self.escalated and _is_past(due.get("remind_at"), at):
                self._happen(self.SignOffReminded, at, roles=self._awaited)
        elif self.state == "approved" and not self.review_asked_for and _is_past(self.review_at, at) and self.expires_at:
            self._happen(self.ReviewDue, at, expires_at=self.expires_at, roles=self._signing_roles)
        return self.version != before

    def _set_conditions(self, signer: Signer, conditions: Sequence[NewCondition], now: Circumstances, at: datetime) -> None:
        latest = at + now.policy.terms.expires_after
        if len(self.conditions) + len(conditions) > MOST_CONDITIONS:
            raise Invalid(
                f"A sign-off has at most {MOST_CONDITIONS} conditions.",
                code="too_many_conditions",
                resolve="Reject it, or ask for changes, and say what is missing.",
            )
        for condition_id, owner_id, due_at, what in conditions:
            if not at < due_at <= latest:
                raise Invalid(
                    f"A condition is due in the future, and not after {rfc3339(latest)}, when the approval would end.",
                    code="condition_due_date",
                    resolve="Name another `due_at`.",
                )
            values = {"owner_id": owner_id, "due_at": rfc3339(due_at), "condition": what}
            self._happen(self.ConditionSet, at, condition_id=condition_id, person_id=signer.id, **values)

    def _lapses(self, conditions: Iterable[Condition], longest: datetime) -> datetime:
        """When the approval ends: its own time, waivers of major issues, conditions that are not met."""
        return min([longest, *waived_until(self.issues.values()), *due_dates(conditions)])

    @property
    def _signing_roles(self) -> list[str]:
        return sorted({role for term in self.terms for role in term.any_of})

    @property
    def _awaited(self) -> list[str]:
        """The roles that are asked for now: those of groups whose answer is missing, else those that sign."""
        groups = [term for term in self.feedback_terms if not any(one.group == term.group for one in self.feedback)]
        return sorted({role for term in groups for role in term.any_of}) or self._signing_roles


def _is_past(moment: str | None, at: datetime) -> bool:
    return moment is not None and parse_rfc3339(moment) <= at
