"""What decisions are about: versions, runs, environments and models, from other services' events.

Called by the consumer, in the transaction that moves its mark; an event that changes nothing here is passed over.
"""

import asyncpg

from placet_shared.event_store import RecordedEvent

__all__ = ["apply_registry_event", "apply_verification_event"]

KNOW_MODEL = "insert into known_models (model_id, name) values ($1, $2) on conflict (model_id) do nothing"
KNOW_ENVIRONMENT = "insert into known_environments (name) values ($1) on conflict (name) do nothing"
KNOW_VERSION = """
    insert into known_versions (version_id, model_id, number, artifact_sha256, registrars, trainers, data_preparers, registered_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (version_id) do nothing
"""
KNOW_RUN = """
    insert into known_runs (run_id, version_id, environment, plan, passed, result_sha256, finished_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (run_id) do nothing
"""


async def apply_registry_event(connection: asyncpg.Connection, event: RecordedEvent) -> None:
    """Models, their versions, and environments."""
    data = event.fields
    match event.type:
        case "ModelRegistered":
            await connection.execute(KNOW_MODEL, data["model_id"], data["name"])
        case "EnvironmentDefined":
            await connection.execute(KNOW_ENVIRONMENT, data["name"])
        case "VersionRegistered":
            await connection.execute(
                KNOW_VERSION,
                data["version_id"],
                data["model_id"],
                data["number"],
                data["artifact"]["sha256"],
                [event.actor, *([event.on_behalf_of] if event.on_behalf_of else [])],
                data["lineage"]["trained_by"],
                data["lineage"]["prepared_by"],
                event.recorded_at,
            )


async def apply_verification_event(connection: asyncpg.Connection, event: RecordedEvent) -> None:
    """Runs that ended with a result; one that errored says nothing about the model."""
    if event.type in ("VerificationPassed", "VerificationFailed"):
        data = event.fields
        await connection.execute(
            KNOW_RUN,
            data["run_id"],
            data["version_id"],
            data["environment"],
            data["plan"]["name"],
            event.type == "VerificationPassed",
            data["result_sha256"],
            event.recorded_at,
        )
