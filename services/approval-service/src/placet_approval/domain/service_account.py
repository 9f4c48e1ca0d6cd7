"""A service account: a system that acts here under a unique name, and never decides in place of people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from placet_approval.domain.roles import roles_for_service_account
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict
from placet_shared.identifiers import derived_key

__all__ = ["ServiceAccount", "ServiceAccountName"]


class ServiceAccount(Aggregate):
    """Active until deactivated."""

    TOPIC = "ServiceAccount"
    CATEGORY = "account"

    account_id: str
    name: str
    roles: list[str]
    active: bool = True

    class ServiceAccountAdded(Created):
        """A system may act from here on."""

        TOPIC = "ServiceAccountAdded"

        account_id: str
        name: str
        roles: list[str]

    class ServiceAccountRolesChanged(Event):
        """The service account has these roles and no others."""

        TOPIC = "ServiceAccountRolesChanged"

        account_id: str
        roles: list[str]

        def apply(self, aggregate: "ServiceAccount") -> None:
            aggregate.roles = self.roles

    class ServiceAccountDeactivated(Event):
        """The service account can't act any more, with no token."""

        TOPIC = "ServiceAccountDeactivated"

        account_id: str

        def apply(self, aggregate: "ServiceAccount") -> None:
            aggregate.active = False

    @classmethod
    def add(cls, account_id: str, name: str, roles: Iterable[str], at: datetime) -> Self:
        """Begin a service account; the caller reserves the name with `ServiceAccountName` in the same append."""
        chosen = roles_for_service_account(roles)
        return cls.create(cls.ServiceAccountAdded, key=account_id, at=at, account_id=account_id, name=name, roles=chosen)

    def change_roles(self, roles: Iterable[str], at: datetime) -> None:
        """These roles and no others; the same ones as before are no event."""
        chosen = roles_for_service_account(roles)
        self.refuse_inactive()
        if chosen != self.roles:
            self.trigger(self.ServiceAccountRolesChanged, at=at, account_id=self.account_id, roles=chosen)

    def deactivate(self, at: datetime) -> None:
        """No token is valid any more and none can be issued; a second time is no event."""
        if self.active:
            self.trigger(self.ServiceAccountDeactivated, at=at, account_id=self.account_id)

    def refuse_inactive(self) -> None:
        """Raises `Conflict` unless this account may act and hold tokens."""
        if not self.active:
            raise Conflict(
                "This service account is deactivated.",
                code="service_account_deactivated",
                resolve="Add a service account under another name.",
                account_id=self.account_id,
            )


class ServiceAccountName(Aggregate):
    """The owner of a name: a stream that can begin only once, so that no two service accounts share a name."""

    TOPIC = "ServiceAccountName"
    CATEGORY = "accountname"

    name: str
    account_id: str

    class ServiceAccountNameReserved(Created):
        """The name belongs to this service account, for ever."""

        TOPIC = "ServiceAccountNameReserved"

        name: str
        account_id: str

    @staticmethod
    def key_of(name: str) -> str:
        """The stream key of a name."""
        return derived_key(name)

    @classmethod
    def reserve(cls, name: str, account_id: str, at: datetime) -> Self:
        """Take a name that no service account has."""
        return cls.create(cls.ServiceAccountNameReserved, key=cls.key_of(name), at=at, name=name, account_id=account_id)

    def refuse_another(self) -> Conflict:
        """The refusal of a second service account with this name."""
        return Conflict(
            f"The name {self.name!r} belongs to another service account.",
            code="name_taken",
            resolve="Choose another name; a name is never given twice, also when its account is deactivated.",
            account_id=self.account_id,
        )
