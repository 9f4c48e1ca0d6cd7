"""The aggregates whose events this service publishes.

Their contract is `placet_shared.contracts.verification`.
"""

from typing import Final

from placet_verification.domain.attestations import Attestation
from placet_verification.domain.plans import Plan
from placet_verification.domain.runs import Run

__all__ = ["PUBLISHED", "SOURCE"]

SOURCE: Final = "verification"
PUBLISHED: Final = (Plan, Run, Attestation)
