"""The policies that Placet ships: development is open, test asks for one signature, production for two, for evidence and for test's yes."""

from datetime import timedelta

from placet_approval.domain.policy_terms import INVOLVEMENTS, EvidenceTerms, Mode, PolicyTerms, SignatureTerm

__all__ = ["DEFAULT_EVIDENCE_AGE", "DEFAULT_EXPIRY", "DEFAULT_POLICIES"]

DEFAULT_EXPIRY = timedelta(days=90)
DEFAULT_EVIDENCE_AGE = timedelta(days=30)


def _default(environment: str, mode: Mode, *signatures: SignatureTerm, verification: EvidenceTerms | None = None) -> PolicyTerms:
    return PolicyTerms(
        environment,
        mode,
        signatures,
        verification,
        INVOLVEMENTS,
        DEFAULT_EXPIRY,
        rationale_required=True,
        previous_required=bool(signatures),
    )


DEFAULT_POLICIES = (
    _default("dev", "allow"),
    _default("test", "prevent", SignatureTerm(("reviewer", "risk-officer"), 1)),
    _default(
        "prod",
        "prevent",
        SignatureTerm(("reviewer",), 1),
        SignatureTerm(("risk-officer",), 1),
        verification=EvidenceTerms(plan=None, max_age=DEFAULT_EVIDENCE_AGE),
    ),
)
