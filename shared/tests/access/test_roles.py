"""Who may."""

import pytest

from placet_shared.access import Actor, Roles, demand_role
from placet_shared.errors import Forbidden


def an_actor(*roles: str) -> Actor:
    return Actor("person-1", "person", frozenset(roles), "token-1")


def test_demand_role_with_one_of_them() -> None:
    demand_role(an_actor(Roles.DEVELOPER, Roles.REVIEWER), {Roles.ADMIN, Roles.REVIEWER})


def test_demand_role_without_any_demand() -> None:
    demand_role(an_actor(), ())


def test_demand_role_with_none_of_them() -> None:
    with pytest.raises(Forbidden) as raised:
        demand_role(an_actor(), {Roles.RISK_OFFICER, Roles.ADMIN})
    assert raised.value.code == "role_required"
    assert raised.value.detail == "This needs the role admin or risk-officer; you have none."
