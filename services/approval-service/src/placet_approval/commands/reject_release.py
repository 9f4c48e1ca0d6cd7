"""Say no to a release: each member of which the person may decide is rejected, and the others end with them, in one append.

The no is to the request. A no to the bytes of one member is a rejection of its sign-off, with which the release ends too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.commands.acting_for import acting_for
from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.release_members import members_of, open_release, save_release
from placet_approval.commands.release_progress import ReleaseProgress, progress_of
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Forbidden
from placet_shared.event_store import UnitOfWork

__all__ = ["RejectRelease", "reject_release"]


@dataclass(frozen=True, slots=True)
class RejectRelease:
    """As for a single sign-off."""

    release_id: str
    role: str | None
    rationale: str
    on_behalf_of: str | None = None


async def reject_release(command: RejectRelease, uow: UnitOfWork) -> ReleaseProgress:
    """One person with a signing role is enough who has no part in one of the members; raises `Forbidden` where they have in all of them."""
    release = await open_release(uow, command.release_id)
    release.require_pending()
    person, members = await signer(uow), await members_of(uow, release)
    around_them = [await around(uow, sign_off) for sign_off in members]
    acting = [await acting_for(uow, person, sign_off, command.on_behalf_of, command.role) for sign_off in members]
    mine, refusals = _rejectable(list(zip(members, around_them, acting, strict=True)), command.role)
    if not mine:
        raise refusals[0]
    at = await uow.now()
    for sign_off, now, signing in mine:
        rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
        sign_off.reject(signing, command.role, now, rationale, at, "request")
    for sign_off in members:
        sign_off.end_with(mine[0][0].key, "rejected", uow.actor.id, at)
    release.end("rejected", uow.actor.id, at)
    save_release(release, members, uow)
    return progress_of(release, [(sign_off, now.in_office) for sign_off, now in zip(members, around_them, strict=True)])


_Deciding = tuple[SignOff, Circumstances, Signer]


def _rejectable(members: Sequence[_Deciding], role: str | None) -> tuple[Sequence[_Deciding], Sequence[Forbidden]]:
    """Those of which the person may decide, and why not of the others."""
    mine, refusals = [], []
    for one in members:
        sign_off, now, acting = one
        try:
            sign_off.role_to_reject(acting, role, now)
        except Forbidden as refusal:
            refusals.append(refusal)
        else:
            mine.append(one)
    return mine, refusals
