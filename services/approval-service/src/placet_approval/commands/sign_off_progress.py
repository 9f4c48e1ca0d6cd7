"""Common steps of commands on a sign-off: load it, save it, and give its state afterwards, in ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_approval.commands.circumstances import in_office
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.sign_off import SignOff
from placet_shared.errors import NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["SignOffProgress", "open_sign_off", "save_sign_off", "signers_in_office"]


@dataclass(frozen=True, slots=True)
class SignOffProgress:
    """`missing` are the signatures that are still asked for, as plain JSON; `expires_at` is set once it is approved."""

    id: str
    state: SignOffState
    have: int
    need: int
    missing: Sequence[Mapping[str, Any]]
    expires_at: str | None
    revision: int


async def open_sign_off(uow: UnitOfWork, sign_off_id: str) -> SignOff:
    """The sign-off that a command is about, held to its `If-Match`; raises `NotFound`."""
    sign_off = await uow.load(SignOff, sign_off_id)
    if sign_off is None:
        raise NotFound(f"There is no sign-off {sign_off_id}.", code="sign_off_not_found", resolve="GET /v1/sign-offs lists them.")
    uow.about(sign_off.binding.model_id)
    uow.expect(sign_off)
    return sign_off


async def signers_in_office(uow: UnitOfWork, sign_off: SignOff) -> Mapping[str, frozenset[str]]:
    """The roles of those who have signed."""
    return await in_office(uow, sign_off.approvals)


def save_sign_off(sign_off: SignOff, uow: UnitOfWork, in_office: Mapping[str, frozenset[str]]) -> SignOffProgress:
    """Save the sign-off; returns its state and the missing signatures, counting only signers who are in office."""
    uow.save(sign_off, subject=sign_off.binding.model_id)
    now = sign_off.known.progress(in_office)
    return SignOffProgress(
        id=sign_off.key,
        state=sign_off.state,
        have=sum(now.have),
        need=sum(term.count for term in sign_off.terms),
        missing=[term.content() for term in now.missing],
        expires_at=sign_off.expires_at,
        revision=sign_off.version,
    )
