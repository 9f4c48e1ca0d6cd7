"""Roles that may change the registry."""

from placet_shared.access import Actor, Roles

__all__ = ["REGISTRARS", "REPORTERS", "is_admin"]

REGISTRARS = (Roles.DEVELOPER, Roles.ADMIN)
REPORTERS = (Roles.PIPELINE, Roles.ADMIN)


def is_admin(actor: Actor) -> bool:
    """Whether the actor may also do what registrars may not."""
    return Roles.ADMIN in actor.roles
