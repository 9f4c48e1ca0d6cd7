"""Rules on who may sign and in which role; every refusal says what would help."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from placet_approval.domain.authority import Authority
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.involvement import IN_WORDS
from placet_approval.domain.policy_terms import SignatureTerm, terms_in_words
from placet_approval.domain.sign_off_quorum import Approval, progress, would_count
from placet_shared.errors import Conflict, Forbidden, Invalid

__all__ = ["ActorKind", "Signer"]

ActorKind = Literal["person", "service_account"]


@dataclass(frozen=True, slots=True)
class Signer:
    """The actor, with the roles held at this moment; `token_issuers` are others who could act with the same token.

    `acting_for` is the right by which the actor signs in another person's place.
    """

    id: str
    kind: ActorKind
    roles: frozenset[str]
    token_issuers: frozenset[str] = frozenset()
    acting_for: Authority | None = None

    @property
    def signing_roles(self) -> frozenset[str]:
        """The roles in which they sign: their own, or those of the person in whose place they do."""
        return self.acting_for.roles if self.acting_for else self.roles

    @property
    def people(self) -> tuple[str, ...]:
        """The actor, and the person in whose place they act."""
        return (self.id, self.acting_for.person_id) if self.acting_for else (self.id,)

    @property
    def issuers(self) -> frozenset[str]:
        """Others who could have given this signature, or the right to it."""
        return self.token_issuers | self.acting_for.token_issuers if self.acting_for else self.token_issuers

    @property
    def in_office(self) -> Mapping[str, frozenset[str]]:
        """The roles that a signature of theirs rests on."""
        own = {self.id: self.roles}
        return {**own, self.acting_for.key: self.acting_for.roles} if self.acting_for else own


def require_person(signer: Signer) -> None:
    """Decisions are made by people."""
    if signer.kind != "person":
        raise Forbidden(
            "A service account can't decide on a sign-off: decisions are made by people.",
            code="people_only",
            resolve="Let a person decide, with a token of their own.",
        )


def require_uninvolved(signer: Signer, excluded: Mapping[str, Sequence[str]], terms: Sequence[SignatureTerm]) -> None:
    """People with a part in it do not decide on it, and no other person does in their place."""
    for person in signer.people:
        if because := excluded.get(person):
            done = " and ".join(IN_WORDS[part] for part in because)
            says = (
                f"You {done}, so you can't be one" if person == signer.id else f"The person for whom you sign {done}, so neither can be one"
            )
            raise Forbidden(
                f"{says} of those who agree to it.",
                code="separation_of_duties",
                resolve=f"Ask a person who had no part in it; needed are {terms_in_words(terms)}.",
                because=list(because),
            )


def require_no_part(admin: Signer, parts: Mapping[str, Sequence[str]]) -> None:
    """An admin with a part in the bytes or in the sign-off does not decide on claims about its signers."""
    if because := parts.get(admin.id):
        done = " and ".join(IN_WORDS[part] for part in because)
        raise Forbidden(
            f"You {done}, so you can't decide what was claimed about its signers.",
            code="separation_of_duties",
            resolve="Ask an admin who has no part in these bytes and in this sign-off.",
            because=list(because),
        )


def require_unsigned(signer: Signer, approvals: Sequence[Approval], terms: Sequence[SignatureTerm]) -> None:
    """A quorum counts people, not signatures: a person, and all who sign for them, have one place."""
    if taken := [person for person in signer.people if any(person in approval.people for approval in approvals)]:
        missing = progress(terms, approvals).missing
        who = "You have signed this" if signer.id in taken else "The person for whom you sign has signed this, or another one did for them,"
        raise Conflict(
            f"{who} already, and each person counts once.",
            code="already_signed",
            resolve=f"Nothing more is needed from you; still missing: {terms_in_words(missing)}, by other people.",
        )


def require_own_hand(signer: Signer, excluded: Iterable[str], taking_part: Mapping[str, Iterable[str]]) -> None:
    """Two people count as two only when neither could have acted for the other.

    `taking_part` has the requester and the signers, with the issuers of the token that was used.
    """
    if signer.issuers.intersection([*excluded, *taking_part, *signer.people]):
        raise Forbidden(
            "Your token, or that of the person for whom you sign, was issued by a person who has a part in this sign-off or in the "
            "version, and who could act with it too.",
            code="token_issued_by_another",
            resolve="Have an admin who has no part in it issue a token for you, sign with that one, and revoke this one.",
        )
    if any(person in issuers for issuers in taking_part.values() for person in signer.people):
        raise Forbidden(
            "This was requested or signed with a token that you issued, so that you could have done both.",
            code="token_issued_by_another",
            resolve="Ask a person to sign who issued no token that was used here.",
        )


def require_other_issuers(signer: Signer, approvals: Sequence[Approval]) -> None:
    """Where two admins give access, one of them who made the tokens of two signers could be both, with no part in it by name."""
    if signer.issuers.intersection(issuer for approval in approvals for issuer in approval.token_issuers):
        raise Forbidden(
            "Another signature was given with a token of the same issuer as yours, so that one person could have given both.",
            code="token_issuer_shared",
            resolve="Use a token that another admin issued, or one made on the server: `python -m placet_approval issue-token NAME`.",
        )


def choose_role(
    signer: Signer, wanted: str | None, terms: Sequence[SignatureTerm], approvals: Sequence[Approval], *, in_sequence: bool = False
) -> str:
    """The role a signature is given in: one of the signer's own, named by the policy, and still needed.

    In sequence only the first of the terms that are not met is needed now.
    """
    asked_for = sorted({role for term in terms for role in term.any_of})
    require_signing_role(signer, wanted, asked_for)
    if in_sequence and (missing := progress(terms, approvals).missing):
        _require_turn(signer, wanted, missing[0])
        terms, approvals, asked_for = missing[:1], (), sorted(missing[0].any_of)
    candidates = [wanted] if wanted else [role for role in asked_for if role in signer.signing_roles]
    needed = [role for role in candidates if would_count(terms, approvals, role)]
    if not needed:
        missing = progress(terms, approvals).missing
        raise Conflict(
            f"The signatures of {' and '.join(candidates)} are all there.",
            code="role_complete",
            resolve=f"Still missing: {terms_in_words(missing)}.",
        )
    if len({tuple(role in term.any_of for term in terms) for role in needed}) > 1:
        raise Invalid(
            f"You are {' and '.join(needed)}, and each of these is still needed.",
            code="role_ambiguous",
            resolve=f"Say in which `role` you sign: {' or '.join(needed)}.",
        )
    return needed[0]


def _require_turn(signer: Signer, wanted: str | None, first: SignatureTerm) -> None:
    if wanted not in first.any_of if wanted else signer.signing_roles.isdisjoint(first.any_of):
        raise Conflict(
            f"Signatures are given in the policy's order, and before yours comes {first}.",
            code="not_your_turn",
            resolve=f"Ask a person who is {' or '.join(first.any_of)} to sign first.",
        )


def require_signing_role(signer: Signer, wanted: str | None, asked_for: Sequence[str]) -> None:
    """The policy names the roles; the signer must hold the one that is claimed, or any."""
    ask = f"Ask a person who is {' or '.join(asked_for)}, or have an admin give you that role."
    if wanted is not None and wanted not in asked_for:
        raise Invalid(
            f"The policy asks for no signature of a {wanted}.",
            code="role_not_asked_for",
            resolve=f"Sign as {' or '.join(asked_for)}, if that is one of your roles.",
        )
    if wanted is not None and wanted not in signer.signing_roles:
        raise Forbidden(f"You do not have the role {wanted}.", code="role_not_held", resolve=ask)
    if not signer.signing_roles.intersection(asked_for):
        held = f"You are {', '.join(sorted(signer.roles))}" if signer.roles else "You have no role"
        raise Forbidden(f"{held}; the policy asks for {' or '.join(asked_for)}.", code="role_not_held", resolve=ask)


def require_rationale(rationale: object | None, required: bool) -> None:
    """Every decision has a rationale, for later readers."""
    if required and rationale is None:
        raise Invalid(
            "The policy asks for a rationale.",
            code="rationale_required",
            resolve="Send a `rationale` (-r at the command line): a sentence on what you looked at and why it is good enough, or is not.",
        )


def refuse_for(*reasons: Reason) -> None:
    """Refuse now what would make the gate deny later; the first reason stands for all, and `further` has the others."""
    if reasons:
        first, *others = reasons
        further = [{"code": one.code, "detail": one.detail, "resolve": one.resolve, "facts": dict(one.facts)} for one in others]
        facts = {**first.facts, **({"further": further} if further else {})}
        raise Conflict(first.detail, code=first.code, resolve=first.resolve, **facts)
