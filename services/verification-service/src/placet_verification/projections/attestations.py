"""One row an attestation; its envelope's bytes are no projection, as those of results are none."""

from collections.abc import Iterable

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["ATTESTATION_ROWS"]

INSERT_ATTESTATION = """
    insert into attestations (sha256, statement_sha256, predicate_type, artifacts, model_id, recorded_by, recorded_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


def _recorded(event: RecordedEvent) -> Iterable[Statement]:
    names = ("sha256", "statement_sha256", "predicate_type", "artifacts", "model_id")
    said = (event.fields[name] for name in names)
    yield Statement(INSERT_ATTESTATION, (*said, event.actor, event.recorded_at, event.position))


ATTESTATION_ROWS = {"AttestationRecorded": _recorded}
