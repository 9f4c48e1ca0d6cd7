"""The ASGI application of approval-service."""

from typing import Any

from fastapi import FastAPI

from placet_approval.api import ROUTERS, TAGS
from placet_approval.bootstrap import OpenSources, open_service, open_sources
from placet_approval.settings import ApprovalSettings
from placet_shared.service.service_app import service_app

__all__ = ["approval_app"]

DESCRIPTION = """\
People and their roles, policies, sign-offs and the gate.

People and service accounts act with access tokens, whose text is shown once. A policy says what an environment asks for; a sign-off
says that a version may go there, and is bound to the artifact's bytes, the evidence, the policy and the environment.
"""


def approval_app(settings: ApprovalSettings, sources: OpenSources = open_sources, **options: Any) -> FastAPI:
    """The application; it connects when it starts. `options` are those of `open_service`."""
    return service_app("approval", DESCRIPTION, lambda: open_service(settings, sources, **options), ROUTERS, TAGS)
