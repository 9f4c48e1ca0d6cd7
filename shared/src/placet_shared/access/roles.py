"""The roles that the product knows; policies may name further ones."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import TypeVar, TypeVarTuple

from placet_shared.access.actor import Actor
from placet_shared.errors import Forbidden
from placet_shared.event_store import UnitOfWork, UseCase

__all__ = ["Roles", "allowed", "demand_part", "demand_role"]

C = TypeVar("C")
R = TypeVar("R")
Ports = TypeVarTuple("Ports")


class Roles:
    """Names of roles."""

    ADMIN = "admin"  # people and policies
    DEVELOPER = "developer"  # registers models, reports lineage, asks for verification and sign-off
    REVIEWER = "reviewer"  # signs, where a policy names it
    RISK_OFFICER = "risk-officer"  # signs, where a policy names it
    PIPELINE = "pipeline"  # gate, wait, deployments
    AUDITOR = "auditor"  # reads the audit log
    SERVICE = "service"  # feeds with texts, introspection


def demand_role(actor: Actor, roles: Collection[str]) -> None:
    """Raise `Forbidden` unless the actor holds one of `roles`; without roles every actor may."""
    if roles and actor.roles.isdisjoint(roles):
        wanted = sorted(roles)
        held = sorted(actor.roles)
        raise Forbidden(
            f"This needs the role {' or '.join(wanted)}; you have {', '.join(held) if held else 'none'}.",
            code="role_required",
            resolve="Ask an admin for the role, or ask a person who has it.",
            roles_needed=wanted,
            roles_held=held,
        )


def demand_part(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor has a role in the process: as one who decides, develops or looks on, or as a pipeline."""
    if not actor.roles - {Roles.SERVICE}:
        raise Forbidden(
            "This needs a role other than that of a service.",
            code="role_required",
            resolve="Ask an admin for a role.",
            roles_held=sorted(actor.roles),
        )


def allowed(*roles: str) -> Callable[[UseCase[C, *Ports, R]], UseCase[C, *Ports, R]]:
    """Declare which roles may run a use case, from any API or worker; other actors get `Forbidden`, which is recorded."""

    def declare(use_case: UseCase[C, *Ports, R]) -> UseCase[C, *Ports, R]:
        @wraps(use_case)
        async def guarded(command: C, uow: UnitOfWork, *ports: *Ports) -> R:
            demand_role(uow.actor, roles)
            return await use_case(command, uow, *ports)

        return guarded

    return declare
