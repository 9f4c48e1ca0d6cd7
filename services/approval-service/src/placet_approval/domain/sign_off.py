"""A sign-off: people approve or reject that one version goes to one environment, bound to bytes, evidence and policy."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from placet_approval.domain.evidence_reasons import evidence_reasons
from placet_approval.domain.gate_reasons import change_reason, held_reason, lineage_missing
from placet_approval.domain.involvement import Claim, excluded_people, names_a_trainer
from placet_approval.domain.known_sign_off import STANDING, contested_claims, excluded_now, outdated_by
from placet_approval.domain.policy_terms import INVOLVEMENTS
from placet_approval.domain.reassignment import (
    Absentee,
    Reassignment,
    require_may_reassign,
    require_no_reassigner,
    require_uninvolved_owner,
)
from placet_approval.domain.sign_off_binding import Binding, Change, Circumstances
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.sign_off_holds import NewCondition
from placet_approval.domain.sign_off_phases import holding_reasons
from placet_approval.domain.sign_off_quorum import would_count
from placet_approval.domain.sign_off_release import SignOffInRelease
from placet_approval.domain.sign_off_rules import (
    Signer,
    choose_role,
    refuse_for,
    require_no_part,
    require_other_issuers,
    require_own_hand,
    require_person,
    require_rationale,
    require_signing_role,
    require_uninvolved,
    require_unsigned,
)
from placet_approval.domain.step_reasons import step_reasons
from placet_shared.errors import Conflict, Forbidden, Invalid

__all__ = ["ContestVerdict", "RejectionScope", "SignOff"]

RejectionScope = Literal["bytes", "request"]
"""A no is about the bytes and stands against every version of them, unless only the request was wrong."""

ContestVerdict = Literal["confirmed", "set_aside"]

SHOWN_EXCLUSIONS = 100
SHOWN_NOES = 20
"""At most so many are listed in a request's event, so that long lists of people or of rejections can't make it too large."""


class SignOff(SignOffInRelease):
    """Pending until a quorum of distinct, uninvolved people has signed, one of them rejects, or it ends in another way."""

    TOPIC = "SignOff"
    CATEGORY = "signoff"

    def __init__(self) -> None:
        super().__init__()  # defined here, since the library would otherwise make a constructor that keeps no state

    @classmethod
    def request(
        cls,
        sign_off_id: str,
        requester: str,
        now: Circumstances,
        rationale: Commitment | None,
        at: datetime,
        token_issuers: Iterable[str] = (),
    ) -> "SignOff":
        """Request signatures. Raises when the policy asks for none, or when the evidence would not allow a yes anyway."""
        _require_signatures(now)
        asked = _asked(now, requester, rationale, at, token_issuers, carried=now.carried_issues)
        about = {"sign_off_id": sign_off_id, "model_id": now.version.model_id, "version_id": now.version.version_id}
        return cls.create(cls.SignOffRequested, key=sign_off_id, at=at, **about, environment=now.policy.terms.environment, **asked)

    def reset(
        self, requester: Signer, now: Circumstances, rationale: Commitment | None, at: datetime, token_issuers: Iterable[str] = ()
    ) -> None:
        """Begin a new round of the same sign-off, bound to how things are now; what was said stays, issues stay open, nothing is signed.

        A no is not shed: what was rejected or revoked is closed, and noes on the same bytes are shown again. Neither has one that was
        approved a new round, whatever ended it: what was deployed on its word keeps it.
        """
        self.require_alone()
        if self.state not in ("pending", "expired", "invalidated") or self.longest_until is not None:
            self._require_pending()
        if requester.id != self.binding.requester:
            raise Forbidden(
                "Only its requester can begin a new round of a sign-off.",
                code="not_requester",
                resolve="Request another sign-off, once this one is closed.",
            )
        _require_signatures(now)
        carried = [one for one in now.carried_issues if one["issue_id"] not in self.issues]
        asked = _asked(now, requester.id, rationale, at, token_issuers, carried)
        self._happen(self.SignOffReset, at, **asked, round=self.round + 1)

    def grant(
        self,
        signer: Signer,
        role: str | None,
        now: Circumstances,
        rationale: Commitment | None,
        at: datetime,
        conditions: Sequence[NewCondition] = (),
    ) -> None:
        """One person's signature; the last one that is needed approves. Signatures of people who left office do not count."""
        self.require_alone()
        role = self._require_may_decide(signer, role, now, rationale, at)
        self._set_conditions(signer, conditions, now, at)
        self._sign(signer, role, rationale, at)
        in_office, terms = {**now.in_office, **signer.in_office}, now.policy.terms
        if self.is_complete(in_office):
            longest, ends = at + terms.expires_after, self.lasts_until(terms.expires_after, at)
            self._approve(in_office, longest, ends, terms.process.review_before, at)

    def sign_with_release(self, signer: Signer, role: str | None, now: Circumstances, rationale: Commitment | None, at: datetime) -> bool:
        """One person's signature as part of a release, which approves nothing yet; False, and nothing happens, where none is missing of
        theirs, or none is asked for in their roles. A person with a part in this version is refused in any case."""
        self._require_pending()
        require_person(signer)
        require_uninvolved(signer, excluded_now(self.known, now), self.terms)
        if not self._lacks(signer, role, now):
            return False
        self._sign(signer, self._require_may_decide(signer, role, now, rationale, at), rationale, at)
        return True

    def require_asked(self, signer: Signer, role: str | None) -> None:
        """Raises for a person who may sign it in no role, or not in this one."""
        require_signing_role(signer, role, self._signing_roles)

    def approve_with_release(self, now: Circumstances, in_office: Mapping[str, frozenset[str]], ends: datetime, at: datetime) -> None:
        """All members of the release are complete, and all of them end at `ends`; what would keep people from signing keeps it open."""
        self._require_pending()
        refuse_for(*holding_reasons(self.known, at, now.in_office))
        refuse_for(*step_reasons(now, self.binding.requester, "signed_off"))
        self._refuse_outdated(now, at)
        self._approve(in_office, ends, ends, now.policy.terms.process.review_before, at)

    def reject(
        self,
        signer: Signer,
        role: str | None,
        now: Circumstances,
        rationale: Commitment | None,
        at: datetime,
        scope: RejectionScope = "bytes",
    ) -> None:
        """One uninvolved person with a signing role says no, and that ends it; also one who had signed."""
        chosen = self.role_to_reject(signer, role, now)
        require_rationale(rationale, required=True)
        said = {"person_id": signer.id, "role": chosen, "scope": scope, **_in_place_of(signer)}
        self._happen(self.SignOffRejected, at, **said, rationale=rationale)

    def role_to_reject(self, signer: Signer, role: str | None, now: Circumstances) -> str:
        """The role in which they may say no; raises where they may not."""
        self._require_pending()
        require_person(signer)
        require_uninvolved(signer, excluded_now(self.known, now), self.terms)
        require_signing_role(signer, role, self._signing_roles)
        return role or next(name for name in self._signing_roles if name in signer.signing_roles)

    def withdraw(self, signer: Signer, rationale: Commitment | None, at: datetime) -> None:
        """End it as its requester or an admin."""
        self._require_pending()
        if signer.id != self.binding.requester and "admin" not in signer.roles:
            raise Forbidden(
                "Only its requester or an admin can withdraw a sign-off.",
                code="not_requester",
                resolve="If you think the version should not be deployed, reject the sign-off instead and say why.",
            )
        self._happen(self.SignOffWithdrawn, at, withdrawn_by=signer.id, rationale=rationale)

    def revoke(self, signer: Signer, rationale: Commitment | None, at: datetime) -> None:
        """Revoke a signature of one's own or in one's place while it is pending; end an approved sign-off as a signer or an admin."""
        require_person(signer)
        require_rationale(rationale, required=True)
        signed = next((approval for approval in self.approvals if signer.id in approval.people), None)
        if self.state == "pending" and signed:
            self._happen(self.ApprovalRevoked, at, person_id=signed.person_id, rationale=rationale)
        elif self.state in STANDING:
            if not signed and "admin" not in signer.roles:
                require_signing_role(signer, None, sorted({name for term in self.terms for name in term.any_of}))
            self._happen(self.SignOffRevoked, at, person_id=signer.id, rationale=rationale)
        else:
            raise Conflict(
                "There is nothing of yours to revoke here.",
                code="nothing_to_revoke",
                resolve="An approved sign-off can be revoked, and while it is pending a signature by its signer.",
            )

    def reassign(
        self, owner: Signer, given: Reassignment, absentee: Absentee, now: Circumstances, reason: Commitment, at: datetime
    ) -> None:
        """The policy's owner lets a person sign in the place of one who is absent; the same once more is no event."""
        self._require_pending()
        require_person(owner)
        terms, excluded = now.policy.terms, excluded_now(self.known, now)
        require_may_reassign(owner, terms.owner, given, absentee, excluded, self.approvals, terms.signing_roles)
        if given not in self.reassignments:
            said = {"absent_id": given.absent_id, "person_id": given.person_id, "role": given.role}
            by = {"reassigned_by": given.reassigned_by, "token_issuers": list(given.token_issuers)}
            self._happen(self.SignOffReassigned, at, **said, **by, reason=reason)

    def comment(self, author: str, comment: Commitment, at: datetime) -> None:
        """Comment on it, in any state."""
        self._happen(self.CommentAdded, at, author_id=author, comment=comment)

    def contest(self, now: Circumstances, at: datetime) -> Sequence[Claim]:
        """Note claims about its signers that came after the approval; those that are noted already are no event."""
        new = [claim for claim in contested_claims(self.known, now) if claim not in self.contested]
        if new:
            self._happen(self.LineageContested, at, claims=[claim.content() for claim in new])
        return new

    def decide_contest(self, admin: Signer, verdict: ContestVerdict, now: Circumstances, rationale: Commitment, at: datetime) -> None:
        """An admin without a part in it confirms the claims about the signers, which ends it, or sets them aside."""
        require_person(admin)
        if "admin" not in admin.roles:
            raise Forbidden("You are no admin.", code="role_required", resolve="Have an admin who has no part in these bytes decide.")
        excluded = excluded_people(self.binding.requester, now.claims, INVOLVEMENTS)
        require_no_part(admin, {**dict.fromkeys(self.known.signers, ("signer",)), **excluded})
        require_own_hand(admin, excluded, self._hands)
        claims = contested_claims(self.known, now)
        if not claims:
            raise Conflict(
                "No claim about the signers of this sign-off waits for a decision.",
                code="nothing_contested",
                resolve="Look at the sign-off again: the claims may have been decided on.",
            )
        said = [claim.content() for claim in claims]
        self._happen(self.LineageContestDecided, at, person_id=admin.id, verdict=verdict, claims=said, rationale=rationale)
        if verdict == "confirmed":
            self._happen(self.SignOffInvalidated, at, field="excluded", old=[], new=said)

    def invalidate(self, now: Circumstances, at: datetime) -> Change | None:
        """End it when something that it is bound to has changed; None, and nothing happens, when it is over or nothing changed."""
        change = next(iter(outdated_by(self.known, now)), None)
        if change is not None:
            self._happen(self.SignOffInvalidated, at, field=change.field, old=change.old, new=change.new)
        return change

    def _require_may_decide(self, signer: Signer, role: str | None, now: Circumstances, rationale: Commitment | None, at: datetime) -> str:
        self._require_pending()
        require_person(signer)
        excluded = excluded_now(self.known, now)
        require_uninvolved(signer, excluded, self.terms)
        require_uninvolved_owner(signer, self.reassignments, excluded)
        require_unsigned(signer, self.approvals, self.terms)
        require_no_reassigner(signer, self.reassignments)
        refuse_for(*holding_reasons(self.known, at, now.in_office))
        refuse_for(*step_reasons(now, self.binding.requester, "signed_off"))
        chosen = choose_role(signer, role, self.terms, self.known.seen(now.in_office).approvals, in_sequence=self.in_sequence)
        require_own_hand(signer, excluded, {self.binding.requester: self.requested_with_token_of, **self._hands})
        if now.issuers_apart:
            require_other_issuers(signer, self.known.seen(now.in_office).approvals)
        self._refuse_outdated(now, at)
        require_rationale(rationale, now.policy.terms.rationale_required)
        return chosen

    def _refuse_outdated(self, now: Circumstances, at: datetime) -> None:
        for change in outdated_by(self.known, now):
            refuse_for(change_reason(change))
        _refuse_held(now)
        _refuse_without_lineage(now)
        refuse_for(*evidence_reasons(now, at, self.known))

    def _sign(self, signer: Signer, role: str, rationale: Commitment | None, at: datetime) -> None:
        signed = {"person_id": signer.id, "role": role, "token_issuers": sorted(signer.issuers), **_in_place_of(signer)}
        self._happen(self.ApprovalGranted, at, **signed, rationale=rationale)

    def _lacks(self, signer: Signer, role: str | None, now: Circumstances) -> bool:
        """Whether the signature of this person brings it nearer."""
        if any(person in approval.people for approval in self.approvals for person in signer.people):
            return False
        there = self.known.seen(now.in_office).approvals
        roles = signer.signing_roles.intersection([role] if role else self._signing_roles)
        return any(would_count(self.terms, there, one) for one in sorted(roles))


def _require_signatures(now: Circumstances) -> None:
    if not now.policy.terms.signatures:
        raise Invalid(
            f"The policy for {now.policy.terms.environment} asks for no signature.",
            code="no_signature_needed",
            resolve="Ask the gate; or have an admin define a policy that names who must sign.",
        )


def _asked(
    now: Circumstances,
    requester: str,
    rationale: Commitment | None,
    at: datetime,
    token_issuers: Iterable[str],
    carried: Iterable[Mapping[str, str]],
) -> dict[str, Any]:
    """What people are asked to agree to, and by when; refuses what the gate would deny later."""
    terms = now.policy.terms
    require_rationale(rationale, terms.rationale_required)
    _refuse_held(now)
    _refuse_without_lineage(now)
    refuse_for(*evidence_reasons(now, at))
    excluded = sorted(excluded_people(requester, now.claims, terms.excludes).items(), key=lambda one: one[0] != requester)
    deadlines = terms.process.deadlines
    return {
        **Binding.to(now, requester).content(),
        "signatures": [term.content() for term in terms.signatures],
        "requester_id": requester,
        "token_issuers": sorted(token_issuers),
        "excluded": [{"person_id": person, "because": list(because)} for person, because in excluded[:SHOWN_EXCLUSIONS]],
        "excluded_in_all": len(excluded),
        "earlier_noes": [no.content() for no in sorted(now.noes, key=lambda no: no.at, reverse=True)[:SHOWN_NOES]],
        "noes_answered": now.standing,
        "rationale": rationale,
        "feedback": [term.content() for term in terms.process.feedback],
        "in_sequence": terms.process.in_sequence,
        "deadlines": deadlines.dates(at) if deadlines else None,
        "carried_issues": [dict(one) for one in carried],
        "findings": [dict(one) for one in now.findings] if terms.process.findings_held else [],
    }


def _refuse_held(now: Circumstances) -> None:
    """Another version, another model or another sign-off would pass over a suspension of the bytes."""
    if held := [no for no in now.noes if no.holds]:
        refuse_for(held_reason(held))


def _refuse_without_lineage(now: Circumstances) -> None:
    if now.policy.terms.lineage_required and not names_a_trainer(now.claims):
        refuse_for(lineage_missing(now.policy.terms.environment))


def _in_place_of(signer: Signer) -> Mapping[str, str | None]:
    acting = signer.acting_for
    return {"on_behalf_of": acting.person_id if acting else None, "delegation_id": acting.delegation_id if acting else None}
