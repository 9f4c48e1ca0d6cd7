"""Rows of the subjects of decisions: versions, runs, environments and models, from other services' events.

Called by the consumer, in the transaction that moves its mark; an event that changes nothing here is skipped.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from placet_shared.event_store import RecordedEvent

__all__ = ["apply_registry_event", "apply_verification_event"]

KNOW_MODEL = "insert into known_models (model_id, name) values ($1, $2) on conflict (model_id) do nothing"
KNOW_ENVIRONMENT = "insert into known_environments (name) values ($1) on conflict (name) do nothing"
KNOW_VERSION = """
    insert into known_versions (version_id, model_id, number, artifact_sha256, registered_at)
    values ($1, $2, $3, $4, $5)
    on conflict (version_id) do nothing
"""
KNOW_INVOLVEMENT = """
    insert into known_involvements (artifact_sha256, person_id, part, claimed_by, version_id, claimed_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (artifact_sha256, person_id, part, claimed_by) do nothing
"""
KNOW_PLAN = """
    insert into known_plans (plan_id, environment, name, version, sha256, published_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (plan_id) do update
        set environment = excluded.environment, name = excluded.name, version = excluded.version, sha256 = excluded.sha256,
            published_at = excluded.published_at
        where excluded.version > known_plans.version
"""
KNOW_RUN = """
    insert into known_runs (run_id, version_id, environment, plan_id, plan, plan_version, plan_sha256, passed, result_sha256, finished_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (run_id) do nothing
"""


async def apply_registry_event(connection: asyncpg.Connection, event: RecordedEvent) -> None:
    """Models, their versions, the people with a part in their bytes, and environments."""
    data = event.fields
    match event.type:
        case "ModelRegistered":
            await connection.execute(KNOW_MODEL, data["model_id"], data["name"])
        case "EnvironmentDefined":
            await connection.execute(KNOW_ENVIRONMENT, data["name"])
        case "VersionRegistered":
            digest = data["artifact"]["sha256"]
            await connection.execute(KNOW_VERSION, data["version_id"], data["model_id"], data["number"], digest, event.recorded_at)
            registrars = [event.actor, *([event.on_behalf_of] if event.on_behalf_of else [])]
            await _know_involved(connection, event, digest, registrars, data["lineage"])
        case "LineageAdded":
            await _know_involved(connection, event, data["artifact_sha256"], (), data)


async def _know_involved(
    connection: asyncpg.Connection, event: RecordedEvent, digest: str, registrars: Iterable[str], lineage: Mapping[str, Any]
) -> None:
    parts = {"registrar": registrars, "trainer": lineage["trained_by"], "data_preparer": lineage["prepared_by"]}
    where = (event.actor, event.fields["version_id"], event.recorded_at)
    rows = [(digest, person, part, *where) for part, people in parts.items() for person in people]
    await connection.executemany(KNOW_INVOLVEMENT, rows)


async def apply_verification_event(connection: asyncpg.Connection, event: RecordedEvent) -> None:
    """Plans in force, and runs that ended with a result; one that errored says nothing about the model."""
    data = event.fields
    match event.type:
        case "PlanPublished" | "PlanRevised":
            values = (data[name] for name in ("plan_id", "environment", "name", "version", "sha256"))
            await connection.execute(KNOW_PLAN, *values, event.recorded_at)
        case "VerificationPassed" | "VerificationFailed":
            run = (data[name] for name in ("run_id", "version_id", "environment"))
            plan = (data["plan"][name] for name in ("id", "name", "version", "sha256"))
            passed = event.type == "VerificationPassed"
            await connection.execute(KNOW_RUN, *run, *plan, passed, data["result_sha256"], event.recorded_at)
