"""The members of a release for the commands on it, and what an end of one of them means for the others."""

from collections.abc import Mapping, Sequence

from placet_approval.domain.known_sign_off import STANDING
from placet_approval.domain.release import Release, ReleaseState
from placet_approval.domain.sign_off import SignOff
from placet_shared.errors import NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["end_release_with", "member_names", "members_of", "open_release", "other_members", "save_release"]

NAMES = """
    select v.version_id, coalesce(m.name, v.model_id) || '/' || v.number as name
    from known_versions v left join known_models m using (model_id) where v.version_id = any ($1)
"""
ENDED: Mapping[str, ReleaseState] = {
    "rejected": "rejected", "withdrawn": "withdrawn", "expired": "expired", "invalidated": "invalidated", "revoked": "revoked",
}  # fmt: skip


async def open_release(uow: UnitOfWork, release_id: str) -> Release:
    """The release that a command is about, held to its `If-Match`; raises `NotFound`."""
    release = await uow.load(Release, release_id)
    if release is None:
        raise NotFound(f"There is no release {release_id}.", code="release_not_found", resolve="GET /v1/releases lists them.")
    uow.about(release.key)
    uow.expect(release)
    return release


async def members_of(uow: UnitOfWork, release: Release) -> Sequence[SignOff]:
    """Their sign-offs, in the order of the release; checked at append."""
    found = await uow.load_many(SignOff, [member.sign_off_id for member in release.members])
    return [sign_off for sign_off in found if sign_off is not None]


async def other_members(uow: UnitOfWork, sign_off: SignOff) -> Sequence[SignOff]:
    """Those that are in the release of this one; none when it is in no release."""
    release = await uow.load(Release, sign_off.release.release_id) if sign_off.release else None
    return await _without(sign_off, release, uow) if release else []


async def member_names(uow: UnitOfWork, release: Release) -> Mapping[str, str]:
    """By version, as people know it: fraud/3."""
    rows = await uow.fetch(NAMES, [member.version_id for member in release.members])
    return {member.version_id: member.version_id for member in release.members} | {row["version_id"]: row["name"] for row in rows}


async def end_release_with(sign_off: SignOff, uow: UnitOfWork) -> None:
    """After a command on one sign-off: where that has ended, the release ends with it and so do the other members, in the same append."""
    if sign_off.release is None or sign_off.state == "pending" or sign_off.state in STANDING:
        return
    release, at = await uow.load(Release, sign_off.release.release_id), await uow.now()
    if release is None or release.is_over:
        return
    for other in await _without(sign_off, release, uow):
        other.end_with(sign_off.key, sign_off.state, uow.metadata.actor, at)
        uow.save(other, subject=other.binding.model_id)
    release.end(ENDED[sign_off.state], uow.metadata.actor, at, sign_off.key)
    uow.save(release, subject=release.key)
    uow.about(sign_off.binding.model_id)


async def _without(sign_off: SignOff, release: Release, uow: UnitOfWork) -> Sequence[SignOff]:
    found = await uow.load_many(SignOff, [one.sign_off_id for one in release.members if one.sign_off_id != sign_off.key])
    return [one for one in found if one is not None]


def save_release(release: Release, members: Sequence[SignOff], uow: UnitOfWork) -> None:
    """All or nothing."""
    for sign_off in members:
        uow.save(sign_off, subject=sign_off.binding.model_id)
    uow.save(release, subject=release.key)
