"""The front door: bodies are parsed into commands, questions into queries; nothing is decided here."""

from placet_verification.api.plans import plans
from placet_verification.api.runs import runs

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (plans, runs)

TAGS = (
    {"name": "plans", "description": "Which checks a version must pass for an environment; written in YAML, versioned, never edited."},
    {"name": "runs", "description": "One version tried by one plan on one data set; the result is what a sign-off binds."},
)
