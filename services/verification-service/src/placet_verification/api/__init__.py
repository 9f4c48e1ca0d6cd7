"""The HTTP API: requests become commands and queries; nothing is decided here."""

from placet_verification.api.checks import checks
from placet_verification.api.plans import plans
from placet_verification.api.run_progress import run_progress
from placet_verification.api.run_reports import run_reports
from placet_verification.api.runs import runs

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (plans, checks, runs, run_progress, run_reports)

TAGS = (
    {
        "name": "plans",
        "description": "Which checks the versions of the selected models must pass; written in YAML, versioned, never edited.",
    },
    {"name": "runs", "description": "One version verified by one plan; a sign-off binds the results of all plans in force."},
)
