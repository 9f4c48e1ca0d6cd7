"""What a sign-off does as part of a release: it is approved, suspended and ended together with the others."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from placet_approval.domain.known_sign_off import OfRelease
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_holds import SignOffHolds
from placet_approval.domain.timestamps import rfc3339
from placet_shared.errors import Conflict

__all__ = ["SignOffInRelease"]

InOffice = Mapping[str, frozenset[str]]


class SignOffInRelease(SignOffHolds):
    """A no of one member ends the others; a yes is given to all of them by one append, and they end at one time."""

    def __init__(self) -> None:
        super().__init__()

    def join_release(self, release: OfRelease, at: datetime) -> None:
        """In the append of its request, and never again."""
        self._happen(self.SignOffJoinedRelease, at, release_id=release.release_id, members=release.members)

    def require_alone(self) -> None:
        """Raises `Conflict` for part of a release, to which people agree as a whole."""
        if self.release is not None:
            raise Conflict(
                "This sign-off is part of a release, which is signed as one.",
                code="part_of_release",
                resolve=f"Sign the release: `placet releases approve {self.release.release_id}`. "
                "If it ended or has to be changed, request another one.",
                release_id=self.release.release_id,
            )

    def is_complete(self, in_office: InOffice) -> bool:
        """Whether all signatures are there, of people who hold their roles."""
        return self.known.progress(in_office).complete

    def lasts_until(self, expires_after: timedelta, at: datetime) -> datetime:
        """When an approval that is given now ends."""
        return self._lapses(self.conditions.values(), at + expires_after)

    def end_with(self, member: str, state: str, actor: str, at: datetime) -> None:
        """The sign-off `member` of the same release ended in `state`: one that is open is withdrawn, an approved one is invalidated.

        So a version that was approved before, alone or in an earlier release, keeps that approval when a release that was never
        approved fails for the sake of another member.
        """
        assert self.release is not None
        if self.state == "pending":
            self._happen(self.SignOffWithdrawn, at, withdrawn_by=actor, rationale=None)
        elif self.state in ("approved", "suspended"):
            new = {"release_id": self.release.release_id, "sign_off_id": member, "state": state}
            self._happen(self.SignOffInvalidated, at, field="release", old={**new, "state": "approved"}, new=new)

    def suspend_with(self, person: str, rationale: Commitment, at: datetime) -> None:
        """Another member of the release was suspended by this person."""
        if self.state == "approved":
            self._happen(self.SignOffSuspended, at, person_id=person, rationale=rationale)

    def _approve(self, in_office: InOffice, longest: datetime, ends: datetime, review_before: timedelta | None, at: datetime) -> None:
        """All signatures are there: approved until `ends`, which the policy lets be `longest`."""
        there = self.known.seen(in_office)
        self._happen(
            self.SignOffApproved,
            at,
            **self.binding.content(),
            approvals=[{"person_id": approval.person_id, "role": approval.role} for approval in there.approvals],
            earlier_noes=self.earlier_noes,
            expires_at=rfc3339(ends),
            longest_until=rfc3339(longest),
            review_at=rfc3339(longest - review_before) if review_before else None,
            conditions=[condition.condition_id for condition in self.conditions.values() if not condition.met],
            waived_issues=[issue.issue_id for issue in self.issues.values() if issue.state == "waived"],
        )
