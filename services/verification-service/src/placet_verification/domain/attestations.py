"""An attestation: an envelope that was uploaded, by the digest of its bytes. Recording it says that it came, and not that it is true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from placet_shared.aggregates import Aggregate, Created

__all__ = ["Attestation"]


class Attestation(Aggregate):
    """Recorded once; the same bytes again are the same attestation."""

    TOPIC = "Attestation"
    CATEGORY = "attestation"

    sha256: str
    statement_sha256: str
    predicate_type: str
    artifacts: list[str]
    model_id: str

    class AttestationRecorded(Created):
        """From here on runs consider it."""

        TOPIC = "AttestationRecorded"

        sha256: str
        statement_sha256: str
        predicate_type: str
        artifacts: list[str]
        model_id: str

    @classmethod
    def record(
        cls, sha256: str, *, statement_sha256: str, predicate_type: str, artifacts: Sequence[str], model_id: str, at: datetime
    ) -> Self:
        """An envelope with the SHA-256 `sha256`; `model_id` is the model under which people find it."""
        about: dict[str, Any] = {"predicate_type": predicate_type, "artifacts": list(artifacts), "model_id": model_id}
        return cls.create(cls.AttestationRecorded, key=sha256, at=at, sha256=sha256, statement_sha256=statement_sha256, **about)
