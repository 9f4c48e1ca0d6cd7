"""The HTTP API: requests become commands and queries; nothing is decided here."""

from placet_approval.api import (
    absences,
    access,
    board,
    break_glass,
    delegations,
    deployment_approvals,
    directives,
    gate,
    people,
    policies,
    restores,
    rollback_candidates,
    service_accounts,
    sign_off_rounds,
    sign_offs,
    tokens,
    waiting,
    whoami,
)

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (
    whoami.router,
    people.router,
    service_accounts.router,
    tokens.router,
    access.router,
    delegations.router,
    absences.router,
    policies.router,
    sign_offs.router,
    sign_off_rounds.router,
    deployment_approvals.router,
    waiting.router,
    gate.router,
    directives.router,
    break_glass.router,
    rollback_candidates.router,
    board.router,
    restores.router,
)

TAGS = (
    {"name": "people", "description": "Who may act here, in which roles."},
    {"name": "service accounts", "description": "Systems that act here, and never decide."},
    {"name": "tokens", "description": "Access tokens: shown once, kept as hashes."},
    {"name": "access", "description": "Whether a second admin confirms what gives access, and what waits for one."},
    {"name": "delegations", "description": "Who may sign in whose place, for how long, within which scope; and who is absent."},
    {"name": "policies", "description": "What each environment asks for, in versions that never change."},
    {"name": "sign-offs", "description": "People approve or reject, bound to bytes, evidence and policy."},
    {"name": "board", "description": "How far every model has come, what it waits for, and since when."},
    {"name": "restores", "description": "What was lost when this service was restored from a copy."},
    {"name": "gate", "description": "May this go to this environment now? The answer is no unless every condition is met."},
    {"name": "directives", "description": "What runs without a yes, and what is to be done about it."},
    {"name": "break-glass", "description": "Letting a version in without a yes in an emergency, and the debt that this leaves."},
)
