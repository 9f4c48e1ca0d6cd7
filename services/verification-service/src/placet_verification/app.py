"""The ASGI application of verification-service."""

from fastapi import FastAPI

from placet_shared.service.service_app import service_app
from placet_verification.api import ROUTERS, TAGS
from placet_verification.bootstrap import Open, open_neighbours, open_service
from placet_verification.settings import VerificationSettings

__all__ = ["verification_app"]

DESCRIPTION = """\
Plans, and runs that verify a version of a model by a plan before people review it.

A typical day: `POST /v1/runs` with a version and an environment, `GET /v1/runs/{id}/wait` until it has ended, and the digest of its
result is what a sign-off will be bound to. Any valid token may read; each endpoint that writes names the roles that may.
"""


def verification_app(settings: VerificationSettings, neighbours: Open = open_neighbours) -> FastAPI:
    """The application; it connects when it starts."""
    return service_app("verification", DESCRIPTION, lambda: open_service(settings, neighbours), ROUTERS, TAGS)
