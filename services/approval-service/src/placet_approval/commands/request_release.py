"""Request a release: the sign-offs of all its members, each by the rules of a single one, in one append; one refusal refuses all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_approval.commands.naming_members import named_member
from placet_approval.commands.request_sign_off import RequestSignOff, absence_obstacles, opened_sign_off
from placet_approval.domain.known_sign_off import OfRelease
from placet_approval.domain.release import MOST_MEMBERS, Member, Release, ReleaseState, require_members
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.ports import FindSigners
from placet_shared.access import Roles, allowed
from placet_shared.event_store import UnitOfWork

__all__ = ["RequestRelease", "RequestedRelease", "WantedMember", "request_release"]


@dataclass(frozen=True, slots=True)
class WantedMember:
    """A version by id, or by model (id or name) and number; `sign_off_id` is to be that of its sign-off."""

    sign_off_id: str
    version_id: str | None
    model: str | None
    number: int | None

    @property
    def label(self) -> str:
        """As the caller named it."""
        return self.version_id or f"{self.model}/{self.number}"


@dataclass(frozen=True, slots=True)
class RequestRelease:
    """`name` is for people; it may have been used before."""

    release_id: str
    name: str
    environment: str
    members: Sequence[WantedMember]
    rationale: str | None


@dataclass(frozen=True, slots=True)
class RequestedRelease:
    """The release and the sign-offs of its members; `obstacles` keep one of them from being completed; as plain JSON."""

    id: str
    name: str
    state: ReleaseState
    environment: str
    members: Sequence[Mapping[str, Any]]
    obstacles: Sequence[Mapping[str, Any]]
    revision: int


@allowed(Roles.DEVELOPER, Roles.ADMIN)
async def request_release(command: RequestRelease, uow: UnitOfWork, find_signers: FindSigners) -> RequestedRelease:
    """Raises what the request of a sign-off does, and names the member. The caller has waited as for a single one (rule 16)."""
    require_members([str(place) for place in range(len(command.members))])  # the number of them, before any of them is looked at
    opened = [await _opened(member, command, uow) for member in command.members]
    members = [_member(sign_off, now) for sign_off, now in opened]
    at = await uow.now()
    release = Release.request(command.release_id, command.name, command.environment, uow.actor.id, members, at)
    obstacles: list[Mapping[str, Any]] = []
    for sign_off, now in opened:
        sign_off.join_release(OfRelease(release.key, len(members)), at)
        uow.save(sign_off, subject=now.version.model_id)
        obstacles += [one for one in await absence_obstacles(uow, now, find_signers) if one not in obstacles]
    uow.save(release, subject=release.key)
    return RequestedRelease(
        id=release.key,
        name=release.name,
        state=release.state,
        environment=release.environment,
        members=[member.content() for member in members],
        obstacles=obstacles[:MOST_MEMBERS],
        revision=release.version,
    )


async def _opened(member: WantedMember, command: RequestRelease, uow: UnitOfWork) -> tuple[SignOff, Circumstances]:
    single = RequestSignOff(member.sign_off_id, command.environment, member.version_id, member.model, member.number, command.rationale)
    with named_member(member.label):
        return await opened_sign_off(single, uow)


def _member(sign_off: SignOff, now: Circumstances) -> Member:
    return Member(sign_off.key, now.version.model_id, now.version.version_id, now.version.artifact_sha256)
