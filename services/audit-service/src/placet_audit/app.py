"""The ASGI application of audit-service."""

from fastapi import FastAPI

from placet_audit.api import ROUTERS, TAGS
from placet_audit.bootstrap import Open, open_neighbours, open_service
from placet_audit.settings import AuditSettings
from placet_shared.service.service_app import service_app

__all__ = ["audit_app"]

DESCRIPTION = """\
One audit log of every act of every user and system, refused acts included, and the state at any moment that follows from it.

Every answer says up to which index of the log it is complete, and for how long each source may have had something that the
log does not: an empty list never means "not yet arrived".
"""


def audit_app(settings: AuditSettings, neighbours: Open = open_neighbours, **options: float) -> FastAPI:
    """The application; it connects when it starts. `options` are those of `open_service`."""
    return service_app("audit", DESCRIPTION, lambda: open_service(settings, neighbours, **options), ROUTERS, TAGS)
