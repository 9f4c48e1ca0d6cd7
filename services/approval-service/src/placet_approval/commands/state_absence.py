"""State that a person is absent, or that they are there again: people of themselves, an admin of any."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from placet_approval.commands.find_holder import find_person
from placet_approval.domain.absence import Absence, require_own_or_admin
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangedAbsence", "ClearAbsence", "StateAbsence", "clear_absence", "state_absence"]


@dataclass(frozen=True, slots=True)
class StateAbsence:
    """`person` is an id or a name, None for the actor; without an end it lasts until it is cleared."""

    person: str | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClearAbsence:
    """`person` is an id or a name."""

    person: str


@dataclass(frozen=True, slots=True)
class ChangedAbsence:
    """The absence as the command leaves it; `starts_at` None: the person is there."""

    person_id: str
    starts_at: str | None
    ends_at: str | None
    revision: int

    @classmethod
    def of(cls, absence: Absence) -> Self:
        """From the aggregate."""
        ends_at = absence.ends_at if absence.starts_at else None
        return cls(absence.person_id, absence.starts_at, ends_at, absence.version)


async def state_absence(command: StateAbsence, uow: UnitOfWork) -> ChangedAbsence:
    """Takes the place of what was stated before."""
    person = await find_person(uow, command.person or uow.actor.id)
    require_own_or_admin(uow.actor.id, uow.actor.roles, person.person_id)
    person.refuse_inactive()
    known = await uow.load(Absence, person.person_id)
    absence = Absence.state(known, person.person_id, command.starts_at, command.ends_at, uow.actor.id, await uow.now())
    uow.save(absence, subject=person.person_id)
    return ChangedAbsence.of(absence)


async def clear_absence(command: ClearAbsence, uow: UnitOfWork) -> ChangedAbsence:
    """The person is there; one who was not absent stays so."""
    person = await find_person(uow, command.person)
    require_own_or_admin(uow.actor.id, uow.actor.roles, person.person_id)
    absence = await uow.load(Absence, person.person_id)
    if absence is None:
        return ChangedAbsence(person.person_id, None, None, 0)
    absence.clear(uow.actor.id, await uow.now())
    uow.save(absence, subject=person.person_id)
    return ChangedAbsence.of(absence)
