"""The checks that a plan may ask for. Measured in the child process or read by the worker, judged here: purely, from plain JSON."""

from placet_verification.checks.judging import conclude
from placet_verification.checks.kind import CheckKind, Contradiction, Need, Parameters
from placet_verification.checks.known_kinds import check_kinds, compares, facts_for, further_columns, measures_of, missing_kinds
from placet_verification.domain.records import Record

__all__ = [
    "CheckKind",
    "Contradiction",
    "Need",
    "Parameters",
    "Record",
    "check_kinds",
    "compares",
    "conclude",
    "facts_for",
    "further_columns",
    "measures_of",
    "missing_kinds",
]
