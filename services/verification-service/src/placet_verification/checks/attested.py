"""What keys that a plan trusts say of an artifact: the numbered steps between uploaded envelopes and statements that count.

1. Each envelope is read strictly (`domain.envelopes`); what was signed is the encoding of its type and payload.
2. Each trusted key is tried on each signature, `keyid` is not looked at. Envelopes that say the same are one statement, whatever they look
   like, and it counts from the first recording that a trusted key has signed: an old statement in a new envelope stays old.
3. The payload type is in-toto's.
4. The payload, parsed from the bytes that were verified, is a Statement of version 1.
5. A subject has the artifact's SHA-256.
6. The predicate type is the one that the plan asks for.
7. The predicate's result is read; one that can't be read is none that lets anything pass.

An envelope without a trusted signature is passed over: an upload by itself can do neither good nor harm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from placet_shared.errors import Malformed
from placet_verification.checks.trusted_keys import PublicKey, signed_by
from placet_verification.domain.envelopes import Envelope, read_envelope
from placet_verification.domain.statements import TEST_RESULT, Statement, SuiteResult, read_statement, read_suite_result

__all__ = ["Attested", "attested"]


@dataclass(slots=True)
class _Message:
    """One statement in the making: who signed it, and the first recording that had a trusted signature."""

    statement: Statement | None
    envelopes: list[str] = field(default_factory=list)
    signed_by: list[str] = field(default_factory=list)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attested:
    """A statement about the artifact, signed by at least one trusted key; `result` is None when it can't be read."""

    sha256: str
    envelopes: tuple[str, ...]
    signed_by: tuple[str, ...]
    since: datetime
    result: SuiteResult | None


def attested(
    recorded: Iterable[Mapping[str, Any]], artifact_sha256: str, keys: Mapping[str, PublicKey], predicate_type: str
) -> list[Attested]:
    """The statements that count, in the order of their first trusted recording; `recorded` are envelopes in the order of theirs."""
    messages: dict[str, _Message] = {}
    for one in recorded:
        envelope = read_envelope(one["envelope"].encode())  # 1
        message = messages.setdefault(envelope.statement_sha256, _Message(None))
        signers = [name for name, key in keys.items() if any(signed_by(key, sig, envelope.message) for sig in envelope.signatures)]  # 2
        if not signers:
            continue
        if message.since is None:
            message.since = datetime.fromisoformat(one["recorded_at"])
            message.statement = _statement(envelope)
        message.envelopes.append(one["sha256"])
        message.signed_by += [name for name in signers if name not in message.signed_by]
    counting = [
        Attested(sha256, tuple(message.envelopes), tuple(sorted(message.signed_by)), message.since, _result(message.statement))  # 7
        for sha256, message in messages.items()
        if message.since is not None
        and message.statement is not None
        and artifact_sha256 in message.statement.artifacts  # 5
        and message.statement.predicate_type == predicate_type  # 6
    ]
    return sorted(counting, key=lambda one: one.since)


def _statement(envelope: Envelope) -> Statement | None:
    try:
        return read_statement(envelope)  # 3, 4
    except Malformed:
        return None


def _result(statement: Statement) -> SuiteResult | None:
    try:
        return read_suite_result(statement.predicate, of_the_type=statement.predicate_type == TEST_RESULT)
    except Malformed:
        return None
