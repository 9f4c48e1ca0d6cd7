"""Delegate: let another person sign in one's place, for a time and within a scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from placet_approval.commands.circumstances import signer
from placet_approval.commands.find_holder import find_holder
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.person import Person
from placet_shared.access import demand_part
from placet_shared.errors import Invalid
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangedDelegation", "GrantDelegation", "grant_delegation"]


@dataclass(frozen=True, slots=True)
class GrantDelegation:
    """`delegate` is an id or a name; `roles` None stands for all that the actor holds; `models` are ids, names and patterns of names."""

    delegation_id: str
    delegate: str
    roles: Sequence[str] | None
    environments: Sequence[str]
    models: Sequence[str]
    starts_at: datetime | None
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ChangedDelegation:
    """The delegation as the command leaves it, in ids."""

    id: str
    delegator_id: str
    delegate_id: str
    roles: Sequence[str]
    environments: Sequence[str]
    models: Sequence[str]
    starts_at: str
    ends_at: str
    ended: bool
    revision: int

    @classmethod
    def of(cls, delegation: Delegation) -> Self:
        """From the aggregate."""
        return cls(
            id=delegation.delegation_id,
            delegator_id=delegation.delegator_id,
            delegate_id=delegation.delegate_id,
            roles=delegation.roles,
            environments=delegation.environments,
            models=delegation.models,
            starts_at=delegation.starts_at,
            ends_at=delegation.ends_at,
            ended=delegation.ended,
            revision=delegation.version,
        )


async def grant_delegation(command: GrantDelegation, uow: UnitOfWork) -> ChangedDelegation:
    """Any person delegates what they hold. Checks at append the streams of both people: one who leaves at this moment delegates nothing."""
    demand_part(uow.actor)
    delegator = await signer(uow)
    uow.about(delegator.id)
    delegate = await find_holder(uow, command.delegate)
    if not isinstance(delegate, Person):
        raise Invalid(
            "A service account can't sign, in no person's place.",
            code="delegate_is_no_person",
            resolve="Name a person.",
        )
    delegate.refuse_inactive()
    delegation = Delegation.grant(
        command.delegation_id,
        delegator,
        delegate.person_id,
        roles=command.roles,
        environments=command.environments,
        models=command.models,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        reason=uow.text(command.reason, kind="delegation", subject=delegator.id),
        at=await uow.now(),
    )
    uow.save(delegation, subject=delegator.id)
    return ChangedDelegation.of(delegation)
