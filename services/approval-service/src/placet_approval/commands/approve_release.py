"""Sign a release as one person: every member that still lacks the signature, in one append; the last one that is needed approves all.

1. Each member is signed by its own rules: exclusions, places, delegations, feedback, evidence. One refusal refuses all, and names it.
   Their policies may differ: one that asks for no role of this person is left to the others, when another one does.
2. Only when every member has all its signatures are they approved, together, until the earliest of their ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from placet_approval.commands.acting_for import acting_for
from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.earlier_environments import refuse_unpromoted
from placet_approval.commands.governed_access import two_admins
from placet_approval.commands.naming_members import named_member
from placet_approval.commands.release_members import member_names, members_of, open_release, save_release
from placet_approval.commands.release_progress import ReleaseProgress, progress_of
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.timestamps import rfc3339
from placet_shared.errors import Conflict, Forbidden, Invalid, Refusal
from placet_shared.event_store import UnitOfWork

__all__ = ["ApproveRelease", "approve_release"]


@dataclass(frozen=True, slots=True)
class ApproveRelease:
    """As for a single sign-off, without conditions: these are about one version."""

    release_id: str
    role: str | None
    rationale: str | None
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class _Signed:
    """A member after the signature, with the roles of all who have signed it; `anew` when this person's came now."""

    sign_off: SignOff
    now: Circumstances
    acting: Signer
    anew: bool

    @property
    def in_office(self) -> Mapping[str, frozenset[str]]:
        return {**self.now.in_office, **self.acting.in_office}


async def approve_release(command: ApproveRelease, uow: UnitOfWork) -> ReleaseProgress:
    """Checks at append what is relied on for each member, as for a single sign-off."""
    release = await open_release(uow, command.release_id)
    release.require_pending()
    names, person = await member_names(uow, release), await signer(uow)
    signed = [await _sign(one, names[one.binding.version_id], person, command, uow) for one in await members_of(uow, release)]  # 1
    _require_one_signature(signed, command.role)
    if all(one.sign_off.is_complete(one.in_office) for one in signed):  # 2
        at = await uow.now()
        ends = min(one.sign_off.lasts_until(one.now.policy.terms.expires_after, at) for one in signed)
        for one in signed:
            with named_member(names[one.sign_off.binding.version_id]):
                one.sign_off.approve_with_release(one.now, one.in_office, ends, at)
        release.approve(rfc3339(ends), at)
    save_release(release, [one.sign_off for one in signed], uow)
    return progress_of(release, [(one.sign_off, one.in_office) for one in signed])


async def _sign(sign_off: SignOff, name: str, person: Signer, command: ApproveRelease, uow: UnitOfWork) -> _Signed:
    with named_member(name):
        now = replace(await around(uow, sign_off), issuers_apart=await two_admins(uow))
        acting = await acting_for(uow, person, sign_off, command.on_behalf_of, command.role)
        rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
        anew = sign_off.sign_with_release(acting, command.role, now, rationale, await uow.now())
        await refuse_unpromoted(uow, now)
        return _Signed(sign_off, now, acting, anew)


def _require_one_signature(signed: Sequence[_Signed], role: str | None) -> None:
    """One person, in one's own name or in one other person's place for all of them, and not for the second time."""
    anew = [one for one in signed if one.anew]
    if len({one.acting.people for one in anew}) > 1:
        raise Invalid(
            "A release is signed as one, and you would sign its versions in the place of different people.",
            code="delegation_ambiguous",
            resolve="Say for whom you sign all of it: `on_behalf_of`.",
        )
    if not anew:
        _require_asked(signed, role)
        raise Conflict(
            "Nothing is missing of yours in this release: each person counts once, and each role as often as the policy says.",
            code="already_signed",
            resolve="See who is missing: `placet releases show ID`.",
        )


def _require_asked(signed: Sequence[_Signed], role: str | None) -> None:
    """Raises what the first member has against them, where no member asks for a role of theirs."""
    refused: list[Refusal] = []
    for one in signed:
        try:
            one.sign_off.require_asked(one.acting, role)
        except (Forbidden, Invalid) as error:
            refused.append(error)
    if len(refused) == len(signed):
        raise refused[0]
