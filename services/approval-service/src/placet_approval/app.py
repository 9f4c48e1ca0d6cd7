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

Whoever may act has an access token, whose text is shown once. What an environment asks for is a policy; that a version may go
there is a sign-off, bound to the artifact's bytes, the evidence, the policy and the environment.
"""


def approval_app(settings: ApprovalSettings, sources: OpenSources = open_sources, **options: Any) -> FastAPI:
    """The application; it connects when it starts. `options` are those of `open_service`."""
    return service_app("approval", DESCRIPTION, lambda: open_service(settings, sources, **options), ROUTERS, TAGS)
