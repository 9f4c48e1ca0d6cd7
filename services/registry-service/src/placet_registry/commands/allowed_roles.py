"""Who may change what the registry knows."""

from placet_shared.access import Roles

__all__ = ["REGISTRARS", "REPORTERS"]

REGISTRARS = (Roles.DEVELOPER, Roles.ADMIN)
REPORTERS = (Roles.PIPELINE, Roles.ADMIN)
