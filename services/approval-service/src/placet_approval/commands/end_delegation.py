"""End a delegation, as one of its two people or as an admin; signatures under it count no more while their sign-offs are open."""

from dataclasses import dataclass

from placet_approval.commands.grant_delegation import ChangedDelegation
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.event_store import UnitOfWork

__all__ = ["EndDelegation", "end_delegation"]


@dataclass(frozen=True, slots=True)
class EndDelegation:
    """`reason` is optional: what was allowed is taken back."""

    delegation_id: str
    reason: str | None


async def end_delegation(command: EndDelegation, uow: UnitOfWork) -> ChangedDelegation:
    """Valid at once; one that has ended before stays as it is."""
    delegation = await uow.get(Delegation, command.delegation_id, what="delegation")
    uow.about(delegation.delegator_id)
    uow.expect(delegation)
    reason = uow.text(command.reason, kind="delegation", subject=delegation.delegator_id) if command.reason else None
    delegation.end(Signer(uow.actor.id, uow.actor.kind, uow.actor.roles), reason, await uow.now())
    uow.save(delegation, subject=delegation.delegator_id)
    return ChangedDelegation.of(delegation)
