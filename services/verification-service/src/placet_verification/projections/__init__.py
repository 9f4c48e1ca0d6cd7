"""The read model: which rows an event leads to; a row and its event commit together.

event                                                   → rows
PlanPublished, PlanRevised, PlanWithdrawn                 plans
RunRequested                                              runs
VerificationPassed, VerificationFailed, RunErrored        runs
RunCancelled                                              runs
AttestationRecorded                                       attestations
"""

from collections.abc import Mapping

from placet_shared.event_store import Part, projection_of
from placet_verification.projections.attestations import ATTESTATION_ROWS
from placet_verification.projections.plans import PLAN_ROWS
from placet_verification.projections.runs import RUN_ROWS

__all__ = ["PARTS", "project"]

PARTS: Mapping[str, Part] = {
    "plans": Part(["plans"], PLAN_ROWS),
    "runs": Part(["runs"], RUN_ROWS),
    "attestations": Part(["attestations"], ATTESTATION_ROWS),
}

project = projection_of(*PARTS.values())
