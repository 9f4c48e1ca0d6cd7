"""The HTTP API: requests become commands and queries; nothing is decided here."""

from placet_approval.api import (
    deployment_approvals,
    gate,
    inbox,
    notifications,
    people,
    policies,
    restores,
    service_accounts,
    sign_offs,
    tokens,
    waiting,
    webhooks,
    whoami,
)

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (
    whoami.router,
    notifications.router,
    people.router,
    service_accounts.router,
    tokens.router,
    policies.router,
    sign_offs.router,
    inbox.router,
    deployment_approvals.router,
    waiting.router,
    gate.router,
    restores.router,
    webhooks.router,
)

TAGS = (
    {"name": "people", "description": "Who may act here, in which roles."},
    {"name": "service accounts", "description": "Systems that act here, and never decide."},
    {"name": "tokens", "description": "Access tokens: shown once, kept as hashes."},
    {"name": "policies", "description": "What each environment asks for, in versions that never change."},
    {"name": "sign-offs", "description": "People approve or reject, bound to bytes, evidence and policy."},
    {"name": "restores", "description": "What was lost when this service was restored from a copy."},
    {"name": "webhooks", "description": "Systems that are sent events, signed as Standard Webhooks says."},
    {"name": "gate", "description": "May this go to this environment now? The answer is no unless every condition is met."},
)
