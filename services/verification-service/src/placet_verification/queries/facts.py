"""The facts that checks judge beside what was measured, as plain JSON: attestations as they were when the run was requested, what is
registered as it is now."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from placet_shared.errors import NotFound
from placet_verification.checks import Need, facts_for
from placet_verification.ports import Registry
from placet_verification.queries.trials import Specification

__all__ = ["facts_of"]

# Positions are in the order of commits and have no gaps, so this set never changes.
RECORDED_BEFORE = """
    select a.sha256, a.recorded_at, e.body from attestations a join envelopes e using (sha256)
    where a.artifacts @> array[$1::text] and a.position < $2 order by a.position
"""


async def facts_of(connection: asyncpg.Pool, registry: Registry, wanted: Specification) -> Mapping[Need, Any]:
    """Those that the checks of the run's plan judge, and no others; raises `NotFound` without the version, `Unavailable`."""
    found: dict[Need, Any] = {}
    for name in facts_for(wanted.document):
        match name:
            case "attestations":
                found[name] = await _attestations(connection, wanted)
            case "registration":
                found[name] = await _registration(registry, wanted)
    return found


async def _registration(registry: Registry, wanted: Specification) -> Mapping[str, Any]:
    """Counts and lengths instead of texts, which stay where they can be erased; tags as they are."""
    registration = await registry.registration(wanted.version_id)
    if registration is None:
        raise NotFound(f"The registry knows no version {wanted.version_id}.", code="version_not_found")
    return {"tags": dict(registration.tags), "stated": dict(registration.stated)}


async def _attestations(connection: asyncpg.Pool, wanted: Specification) -> Mapping[str, Any]:
    """All that name the artifact, in the order of their recording; who signed them is not looked at here."""
    rows = await connection.fetch(RECORDED_BEFORE, wanted.artifact_sha256, wanted.position)
    recorded = [{"sha256": row["sha256"], "recorded_at": row["recorded_at"].isoformat(), "envelope": row["body"].decode()} for row in rows]
    return {"artifact_sha256": wanted.artifact_sha256, "requested_at": wanted.requested_at.isoformat(), "recorded": recorded}
