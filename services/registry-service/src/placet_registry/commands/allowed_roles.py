"""Roles that may change the registry."""

from placet_shared.access import Roles

__all__ = ["REGISTRARS", "REPORTERS"]

REGISTRARS = (Roles.DEVELOPER, Roles.ADMIN)
REPORTERS = (Roles.PIPELINE, Roles.ADMIN)
