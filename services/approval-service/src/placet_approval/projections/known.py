"""Rows of the subjects of decisions: versions, runs, environments and models, from other services' events.

Written by the consumer, in the transaction that moves its mark; an event that changes nothing here has no rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import asyncpg

from placet_shared.event_store import RecordedEvent, Statement

__all__ = ["registry_rows", "verification_rows", "write_rows"]

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


def registry_rows(event: RecordedEvent) -> Iterator[Statement]:
    """Models, their versions, the people with a part in their bytes, and environments."""
    data = event.fields
    match event.type:
        case "ModelRegistered":
            yield Statement(KNOW_MODEL, (data["model_id"], data["name"]))
        case "EnvironmentDefined":
            yield Statement(KNOW_ENVIRONMENT, (data["name"],))
        case "VersionRegistered":
            digest = data["artifact"]["sha256"]
            yield Statement(KNOW_VERSION, (data["version_id"], data["model_id"], data["number"], digest, event.recorded_at))
            registrars = [event.actor, *([event.on_behalf_of] if event.on_behalf_of else [])]
            yield from _involved(event, digest, registrars, data["lineage"])
        case "LineageAdded":
            yield from _involved(event, data["artifact_sha256"], (), data)


def _involved(event: RecordedEvent, digest: str, registrars: Iterable[str], lineage: Mapping[str, Any]) -> Iterator[Statement]:
    parts = {"registrar": registrars, "trainer": lineage["trained_by"], "data_preparer": lineage["prepared_by"]}
    where = (event.actor, event.fields["version_id"], event.recorded_at)
    for part, people in parts.items():
        for person in people:
            yield Statement(KNOW_INVOLVEMENT, (digest, person, part, *where))


def verification_rows(event: RecordedEvent) -> Iterator[Statement]:
    """Plans in force, and runs that ended with a result; one that errored says nothing about the model."""
    match event.type:
        case "PlanPublished" | "PlanRevised":
            values = (event.fields[name] for name in ("plan_id", "environment", "name", "version", "sha256"))
            yield Statement(KNOW_PLAN, (*values, event.recorded_at))
        case "VerificationPassed" | "VerificationFailed":
            data = event.fields
            run = (data[name] for name in ("run_id", "version_id", "environment"))
            plan = (data["plan"][name] for name in ("id", "name", "version", "sha256"))
            passed = event.type == "VerificationPassed"
            yield Statement(KNOW_RUN, (*run, *plan, passed, data["result_sha256"], event.recorded_at))


async def write_rows(connection: asyncpg.Connection, statements: Iterable[Statement]) -> None:
    """Each table's rows in their order, in one call a table: no row depends on one of another table."""
    rows: dict[str, list[Sequence[Any]]] = {}
    for statement in statements:
        rows.setdefault(statement.sql, []).append(statement.args)
    for sql, values in rows.items():
        await connection.executemany(sql, values)
