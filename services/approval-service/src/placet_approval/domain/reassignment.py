"""A reassignment: the owner of a policy lets a person sign one sign-off in the place of one who is absent, in one role."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Conflict, Forbidden, Invalid

__all__ = ["Absentee", "Reassignment", "require_may_reassign", "require_no_reassigner", "require_uninvolved_owner"]


@dataclass(frozen=True, slots=True)
class Reassignment:
    """`person_id` may sign in the place of `absent_id`, in the role; `token_issuers` are others who could have given it."""

    absent_id: str
    person_id: str
    role: str
    reassigned_by: str
    token_issuers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absentee:
    """The person who is needed: their roles now, and who stated that they are absent; None when they are there."""

    roles: frozenset[str]
    stated_by: str | None


def require_may_reassign(
    owner: Signer,
    owner_role: str | None,
    given: Reassignment,
    absentee: Absentee,
    excluded: Mapping[str, Sequence[str]],
    approvals: Sequence[Approval],
    asked_for: Collection[str],
) -> None:
    """Raises with what is wrong.

    1. The policy has an owner, who asks.
    2. It is for one who is absent, and the owner did not say so.
    3. In a role that is asked for and that they hold.
    4. To another person than the owner.
    5. None of the three has a part in the version or has signed.
    6. In the owner's own hand.
    """
    _require_owner(owner, owner_role)  # 1
    if absentee.stated_by is None or absentee.stated_by == owner.id:  # 2
        raise Conflict(
            "This person is not absent, as far as another person than you has said.",
            code="not_absent",
            resolve="Ask them to sign or to delegate; or have them, or an admin, state the absence: `placet absences set`.",
        )
    if given.role not in asked_for or given.role not in absentee.roles:  # 3
        raise Invalid(
            f"No signature of a {given.role} is asked for, or the absent person does not have that role.",
            code="role_not_asked_for",
            resolve=f"Reassign in a role that they hold and that the policy asks for: {' or '.join(sorted(asked_for))}.",
        )
    people = (owner.id, given.person_id, given.absent_id)
    if len({*people}) < len(people):  # 4
        raise Forbidden(
            "An owner reassigns to another person, and in another person's place.",
            code="reassigned_to_oneself",
            resolve="Name a person who is neither you nor the one who is absent.",
        )
    if part := next((excluded[person] for person in people if person in excluded), None):  # 5
        raise Forbidden(
            "One of you has a part in this version, so that none of you can decide who agrees to it.",
            code="separation_of_duties",
            resolve="Have another owner reassign, or reassign to and for people who had no part in it.",
            because=list(part),
        )
    if any(person in approval.people for person in people for approval in approvals):
        raise Conflict(
            "One of you has signed this already, or was signed for.",
            code="already_signed",
            resolve="Reassign to and for people who have not signed; an owner who has signed can't reassign.",
        )
    if owner.token_issuers.intersection([*excluded, *people]):  # 6
        raise Forbidden(
            "Your token was issued by a person who has a part in this, and who could have done it in your name.",
            code="token_issued_by_another",
            resolve="Use a token that was issued by a person who has no part in it.",
        )


def require_no_reassigner(signer: Signer, reassignments: Sequence[Reassignment]) -> None:
    """Who chose a signer is none."""
    if any(one.reassigned_by in signer.people for one in reassignments):
        raise Forbidden(
            "You, or the person for whom you sign, reassigned this sign-off, and who chooses a signer does not sign.",
            code="reassigned_by_oneself",
            resolve="Have it signed by people who did not choose another signer.",
        )


def require_uninvolved_owner(signer: Signer, reassignments: Sequence[Reassignment], excluded: Mapping[str, Sequence[str]]) -> None:
    """A claim about the owner that came since takes away what they gave."""
    if signer.acting_for is None or signer.acting_for.delegation_id is not None:
        return
    given = [one for one in reassignments if (one.person_id, one.absent_id) == signer.people]
    if all(one.reassigned_by in excluded for one in given):
        raise Forbidden(
            "Who let you sign in this person's place turned out to have a part in this version.",
            code="separation_of_duties",
            resolve="Have an owner who has no part in it reassign the sign-off.",
            because=[part for one in given for part in excluded[one.reassigned_by]],
        )


def _require_owner(owner: Signer, role: str | None) -> None:
    if role is None:
        raise Conflict(
            "The policy names no owner, so that no person may reassign its sign-offs.",
            code="no_policy_owner",
            resolve="Ask the absent person to delegate; or have an admin define a policy with an `owner`.",
        )
    if role not in owner.roles:
        raise Forbidden(
            f"Only an owner of the policy reassigns its sign-offs, a {role}.",
            code="role_required",
            resolve=f"Ask a {role}.",
            roles_needed=[role],
        )
