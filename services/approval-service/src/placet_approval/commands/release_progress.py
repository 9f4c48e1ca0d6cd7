"""The result of a command on a release: how it stands afterwards, in ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_approval.domain.release import Release, ReleaseState
from placet_approval.domain.sign_off import SignOff

__all__ = ["ReleaseProgress", "progress_of"]


@dataclass(frozen=True, slots=True)
class ReleaseProgress:
    """`members` have the state of each sign-off and its missing signatures, as plain JSON; `expires_at` is set once it is approved."""

    id: str
    state: ReleaseState
    members: Sequence[Mapping[str, Any]]
    expires_at: str | None
    revision: int


def progress_of(release: Release, members: Sequence[tuple[SignOff, Mapping[str, frozenset[str]]]]) -> ReleaseProgress:
    """`members` with the roles of those who have signed them."""
    return ReleaseProgress(
        id=release.key,
        state=release.state,
        members=[_member(sign_off, in_office) for sign_off, in_office in members],
        expires_at=members[0][0].expires_at if release.state == "approved" else None,
        revision=release.version,
    )


def _member(sign_off: SignOff, in_office: Mapping[str, frozenset[str]]) -> Mapping[str, Any]:
    now = sign_off.known.progress(in_office)
    return {
        "sign_off_id": sign_off.key,
        "model_id": sign_off.binding.model_id,
        "version_id": sign_off.binding.version_id,
        "state": sign_off.state,
        "have": sum(now.have),
        "need": sum(term.count for term in sign_off.terms),
        "missing": [term.content() for term in now.missing],
    }
