"""The HTTP API: requests become commands and queries; nothing is decided here."""

from placet_verification.api.plans import plans
from placet_verification.api.runs import runs

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (plans, runs)

TAGS = (
    {"name": "plans", "description": "Which checks a version must pass for an environment; written in YAML, versioned, never edited."},
    {"name": "runs", "description": "One version verified by one plan on one data set; a sign-off binds the result."},
)
