"""The HTTP API: requests become commands and queries; nothing is decided here."""

from placet_verification.api.attestations import attestations
from placet_verification.api.checks import checks
from placet_verification.api.plans import plans
from placet_verification.api.run_progress import run_progress
from placet_verification.api.run_reports import run_reports
from placet_verification.api.runs import runs
from placet_verification.api.trials import trials

__all__ = ["ROUTERS", "TAGS"]

ROUTERS = (plans, checks, runs, run_progress, run_reports, attestations, trials)

TAGS = (
    {
        "name": "plans",
        "description": "Which checks the versions of the selected models must pass; written in YAML, versioned, never edited.",
    },
    {"name": "runs", "description": "One version verified by one plan; a sign-off binds the results of all plans in force."},
    {"name": "trials", "description": "Rows that a person gives, answered and explained by the model; never evidence, and kept nowhere."},
    {"name": "attestations", "description": "What others say of an artifact and have signed; plans say whose word counts."},
)
