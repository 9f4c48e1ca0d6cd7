"""What every code means that only approval-service gives: reasons of the gate, problems, obstacles to a policy."""

from placet_approval.domain.codes.gate_codes import GATE_CODES
from placet_approval.domain.codes.policy_codes import POLICY_CODES
from placet_approval.domain.codes.problem_codes import PROBLEM_CODES

__all__ = ["CODES"]

CODES = (*GATE_CODES, *PROBLEM_CODES, *POLICY_CODES)
