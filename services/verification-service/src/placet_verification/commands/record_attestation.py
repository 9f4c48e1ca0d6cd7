"""Record an attestation: a DSSE envelope that says something of a registered artifact. Nothing here trusts it.

1. The envelope and the statement in it are well-formed; a result of tests is one that can be read. 2. The same bytes are the same
attestation. 3. The registry knows a version with a subject's bytes. 4. One account does not fill an artifact's list. 5. Event and bytes
are one append.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict, Invalid
from placet_shared.event_store import Statement as Row
from placet_shared.event_store import UnitOfWork
from placet_verification.domain.attestations import Attestation
from placet_verification.domain.envelopes import Envelope, read_envelope
from placet_verification.domain.statements import TEST_RESULT, Statement, read_statement, read_suite_result
from placet_verification.ports import RegisteredVersion, Registry

__all__ = ["MOST_BY_ONE_ACCOUNT", "RecordAttestation", "RecordedAttestation", "record_attestation"]

MOST_BY_ONE_ACCOUNT = 200
"""Attestations about one artifact; every run of it reads them all."""

RECORDED_BY = "select count(*) as count from attestations where artifacts && $1::text[] and recorded_by = $2"
KEEP_ENVELOPE = "insert into envelopes (sha256, body) values ($1, $2) on conflict (sha256) do nothing"


@dataclass(frozen=True, slots=True)
class RecordAttestation:
    """The bytes as they were sent."""

    envelope: bytes


@dataclass(frozen=True, slots=True)
class RecordedAttestation:
    """`sha256` is that of the envelope, `statement_sha256` of what was signed; `new` says whether this command recorded it."""

    sha256: str
    statement_sha256: str
    predicate_type: str
    artifacts: Sequence[str]
    model_id: str
    new: bool


@allowed(Roles.DEVELOPER, Roles.PIPELINE, Roles.ADMIN)
async def record_attestation(command: RecordAttestation, uow: UnitOfWork, registry: Registry) -> RecordedAttestation:
    """Raises `Malformed`, `Invalid`, `Conflict`, `Unavailable`."""
    envelope, statement = _read(command.envelope)  # 1
    sha256 = hashlib.sha256(command.envelope).hexdigest()
    known = await uow.load(Attestation, sha256)
    if known is not None:  # 2
        uow.about(known.model_id)
        return _recorded(known, new=False)
    version = await _first_version(registry, statement.artifacts)  # 3
    uow.about(version.model_id)
    await _refuse_too_many(uow, statement.artifacts)  # 4
    attestation = Attestation.record(
        sha256,
        statement_sha256=envelope.statement_sha256,
        predicate_type=statement.predicate_type,
        artifacts=statement.artifacts,
        model_id=version.model_id,
        at=await uow.now(),
    )
    uow.save(attestation, subject=version.model_id)  # 5
    uow.write(Row(KEEP_ENVELOPE, (sha256, command.envelope)))
    return _recorded(attestation, new=True)


def _read(raw: bytes) -> tuple[Envelope, Statement]:
    envelope = read_envelope(raw)
    statement = read_statement(envelope)
    if statement.predicate_type == TEST_RESULT:
        read_suite_result(statement.predicate)
    return envelope, statement


async def _first_version(registry: Registry, artifacts: Sequence[str]) -> RegisteredVersion:
    """The version that had any of these bytes first."""
    found = [version for sha256 in artifacts async for version in registry.versions_with(sha256)]
    if not found:
        raise Invalid(
            f"The registry knows no version with the SHA-256 {artifacts[0]}"
            f"{f', nor with one of the {len(artifacts) - 1} others that the statement is about' if artifacts[1:] else ''}.",
            code="subject_unknown",
            resolve="Register the version first, and let the statement's `subject` have the artifact's SHA-256: see `placet versions`.",
            artifacts=list(artifacts),
        )
    return min(found, key=lambda version: (version.registered_at, version.version_id))


async def _refuse_too_many(uow: UnitOfWork, artifacts: Sequence[str]) -> None:
    [row] = await uow.fetch(RECORDED_BY, list(artifacts), uow.actor.id)
    if row["count"] >= MOST_BY_ONE_ACCOUNT:
        raise Conflict(
            f"This account has recorded {row['count']} attestations about these bytes, which is as many as one may.",
            code="too_many_attestations",
            resolve="Sign one statement for a suite of tests instead of many; or let another account record it.",
        )


def _recorded(attestation: Attestation, *, new: bool) -> RecordedAttestation:
    names = ("sha256", "statement_sha256", "predicate_type", "artifacts", "model_id")
    return RecordedAttestation(**{name: getattr(attestation, name) for name in names}, new=new)
