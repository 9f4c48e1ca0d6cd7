"""Attestations that were uploaded: a listing, and the exact bytes of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

__all__ = ["AttestationView", "attestations_about", "envelope_body"]

COLUMNS = "sha256, statement_sha256, predicate_type, artifacts, model_id, recorded_by, recorded_at"
NEWEST = f"""
    select {COLUMNS}, position from attestations
    where ($1::bigint is null or position < $1) order by position desc limit $2
"""
# An artifact's are few; the planner would rather read all of them by position until it has enough.
NEWEST_ABOUT = f"""
    with about as materialized (select * from attestations where artifacts @> array[$3::text])
    select {COLUMNS}, position from about
    where ($1::bigint is null or position < $1) order by position desc limit $2
"""
ENVELOPE = "select body from envelopes where sha256 = $1"


@dataclass(frozen=True, slots=True)
class AttestationView:
    """An envelope by its digest, what it is about, and who uploaded it when; whose signatures it has, only a plan's keys tell."""

    sha256: str
    statement_sha256: str
    predicate_type: str
    artifacts: Sequence[str]
    model_id: str
    recorded_by: str
    recorded_at: datetime


async def attestations_about(
    connection: asyncpg.Pool, artifact_sha256: str | None, before: int | None, limit: int
) -> list[tuple[int, AttestationView]]:
    """Up to `limit` with their positions, of one artifact or of all, the newest first, from the one before position `before` on."""
    about = () if artifact_sha256 is None else (artifact_sha256,)
    rows = await connection.fetch(NEWEST_ABOUT if about else NEWEST, before, limit, *about)
    return [(row["position"], AttestationView(**{name: row[name] for name in COLUMNS.split(", ")})) for row in rows]


async def envelope_body(connection: asyncpg.Pool, sha256: str) -> bytes | None:
    """The exact bytes of an envelope."""
    body: bytes | None = await connection.fetchval(ENVELOPE, sha256)
    return body
