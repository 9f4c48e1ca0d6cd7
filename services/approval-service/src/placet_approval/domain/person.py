"""A person: an opaque id with roles, which stays valid in history after the names behind it were erased."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from placet_approval.domain.roles import roles_for_person
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict

__all__ = ["Person"]


class Person(Aggregate):
    """Active until deactivated; erased means that nothing links the id to the person any more."""

    TOPIC = "Person"
    CATEGORY = "person"

    person_id: str
    roles: list[str]
    active: bool = True
    erased: bool = False

    class PersonAdded(Created):
        """A person may act from here on; no event says who it is."""

        TOPIC = "PersonAdded"

        person_id: str
        roles: list[str]

    class PersonRolesChanged(Event):
        """The person has these roles and no others."""

        TOPIC = "PersonRolesChanged"

        person_id: str
        roles: list[str]

        def apply(self, aggregate: "Person") -> None:
            aggregate.roles = self.roles

    class PersonAddressChanged(Event):
        """Mail goes to another address, or to none; no event says which."""

        TOPIC = "PersonAddressChanged"

        person_id: str

    class PersonDeactivated(Event):
        """The person can't act any more, with no token."""

        TOPIC = "PersonDeactivated"

        person_id: str

        def apply(self, aggregate: "Person") -> None:
            aggregate.active = False

    class PersonErased(Event):
        """The person's names are gone."""

        TOPIC = "PersonErased"

        person_id: str

        def apply(self, aggregate: "Person") -> None:
            aggregate.erased = True

    @classmethod
    def add(cls, person_id: str, roles: Iterable[str], at: datetime) -> Self:
        """Begin a person."""
        return cls.create(cls.PersonAdded, key=person_id, at=at, person_id=person_id, roles=roles_for_person(roles))

    def change_roles(self, roles: Iterable[str], at: datetime) -> None:
        """These roles and no others; the same ones as before are no event."""
        chosen = roles_for_person(roles)
        self.refuse_inactive()
        if chosen != self.roles:
            self.trigger(self.PersonRolesChanged, at=at, person_id=self.person_id, roles=chosen)

    def change_address(self, at: datetime) -> None:
        """The address itself is kept beside the events."""
        self.refuse_inactive()
        self.trigger(self.PersonAddressChanged, at=at, person_id=self.person_id)

    def deactivate(self, at: datetime) -> None:
        """No token is valid any more and none can be issued; a second time is no event."""
        if self.active:
            self.trigger(self.PersonDeactivated, at=at, person_id=self.person_id)

    def erase(self, at: datetime) -> None:
        """The names go, the id stays, and the person is deactivated too; a second time is no event."""
        self.deactivate(at)
        if not self.erased:
            self.trigger(self.PersonErased, at=at, person_id=self.person_id)

    def refuse_inactive(self) -> None:
        """Raises `Conflict` unless this person may act and hold tokens."""
        if not self.active:
            raise Conflict(
                "This person is deactivated.",
                code="person_deactivated",
                resolve="Add the person anew, under another name.",
                person_id=self.person_id,
            )
