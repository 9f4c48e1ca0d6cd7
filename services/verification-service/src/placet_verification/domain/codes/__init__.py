"""What every code means that only verification-service gives: why a run has no result, what a check found, problems."""

from placet_shared.explained_codes import explained
from placet_verification.domain.codes.check_codes import CHECK_REASONS
from placet_verification.domain.codes.problem_codes import PROBLEM_CODES
from placet_verification.domain.codes.run_codes import RUN_REASONS
from placet_verification.domain.codes.trial_codes import TRIAL_CODES

__all__ = ["CODES"]

CODES = (
    *explained("run", "docs/verification.md", RUN_REASONS),
    *explained("check", "docs/checks.md", CHECK_REASONS),
    *TRIAL_CODES,
    *PROBLEM_CODES,
)
