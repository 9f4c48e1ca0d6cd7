"""The installation's access policy: whether one admin may give roles that decide, and tokens of others, or a second one must confirm."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Self

from placet_approval.domain.roles import SERVICE_ACCOUNT_ROLES
from placet_shared.aggregates import Aggregate, Recurring, origin_of
from placet_shared.errors import Conflict

__all__ = ["AccessPolicy", "governed_roles", "refuse_ungoverned"]


class AccessPolicy(Aggregate):
    """One stream for the whole installation; where it has no event one admin is enough."""

    TOPIC = "AccessPolicy"
    CATEGORY = "accesspolicy"
    KEY: Final = "installation"

    def __init__(self) -> None:
        self.two_admins = False

    class AccessPolicyDefined(Recurring):
        TOPIC = "AccessPolicyDefined"
        version: int
        two_admins: bool

        def apply(self, aggregate: "AccessPolicy") -> None:
            aggregate.two_admins = self.two_admins

    @classmethod
    def define(cls, known: Self | None, two_admins: bool, at: datetime) -> Self:
        """The next version; the caller has seen that it says something else."""
        if known is None:
            return cls.create(cls.AccessPolicyDefined, key=cls.KEY, at=at, version=1, two_admins=two_admins)
        values = {"version": known.version + 1, "two_admins": two_admins}
        known.trigger(cls.AccessPolicyDefined, at=at, originator_topic=origin_of(known), **values)
        return known


def governed_roles(roles: Iterable[str], named_by_policies: Iterable[str]) -> list[str]:
    """Those that decide: all but the ones that systems may have, and those too where a policy lets them sign or own."""
    return sorted({*roles} - (SERVICE_ACCOUNT_ROLES - {*named_by_policies}))


def refuse_ungoverned(signing_roles: Iterable[str]) -> None:
    """Where two admins give the roles that sign, a policy does not make a role sign that one admin gave."""
    if ungoverned := sorted({*signing_roles} & SERVICE_ACCOUNT_ROLES):
        raise Conflict(
            f"Here two admins give the roles that sign, and one admin gives {' and '.join(ungoverned)}.",
            code="role_not_governed",
            resolve="Name roles in the policy that are given to people only, such as reviewer.",
        )
