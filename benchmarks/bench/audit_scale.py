"""audit-service with a long log: ten entries a model, from registration to a refusal, and one model that has had many of everything."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import orjson
from pydantic import SecretStr

from bench.database import Database
from bench.endpoints import Endpoint, Filled, Served
from bench.filling import served_in_process
from bench.quiet_neighbours import EveryoneIs, Silent
from placet_audit.app import audit_app
from placet_audit.bootstrap import MIGRATIONS, Neighbours
from placet_audit.projections.rebuilding import all_views
from placet_audit.settings import AuditSettings
from placet_shared.access import Roles
from placet_shared.rebuilding import rebuild

__all__ = ["AUDIT", "BEGAN", "COLUMNS", "SOURCES", "STORY", "fields"]

SCHEMA = "audit"
SOURCES = ("registry", "verification", "approval")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
FAR_OFF = "2999-01-01T00:00:00Z"
BUSY = "model-busy"
BUSY_EVERY = 2
QUIET_SOURCE_SAID = 5
# Source, type and environment of what happens to a version, one after the other.
STORY = (
    ("registry", "ModelRegistered", None),
    ("registry", "VersionRegistered", None),
    ("verification", "VerificationPassed", "test"),
    ("approval", "SignOffRequested", "prod"),
    ("approval", "ApprovalGranted", "prod"),
    ("approval", "ApprovalGranted", "prod"),
    ("approval", "SignOffApproved", "prod"),
    ("approval", "GateDecisionMade", "prod"),
    ("registry", "DeploymentReported", "prod"),
    ("approval", "ActionRefused", None),
)
COLUMNS = (
    "index", "logged_at", "source", "epoch", "position", "event_id", "stream", "stream_version", "type", "schema_version", "subject",
    "actor", "correlation", "recorded_at", "data_sha256", "data",
)  # fmt: skip


def entries(number: int) -> Iterator[tuple[Any, ...]]:
    """Rows of the log; the audit log's own source has events at the beginning only."""
    positions = dict.fromkeys((*SOURCES, "audit"), 0)
    for index in range(number):
        version, step = divmod(index, len(STORY))
        source, type_, environment = STORY[step] if index >= QUIET_SOURCE_SAID else ("audit", "ActionRefused", None)
        positions[source] += 1
        at = BEGAN + timedelta(milliseconds=index)
        model = BUSY if version % BUSY_EVERY == 1 else f"model-{version}"
        data = orjson.dumps(fields(type_, model, str(version), version, step, environment))
        place = (index, at, source, 1, positions[source], uuid.UUID(int=index), f"version-{version}", step)
        who = (type_, 1, model, f"person-{version % 5}", f"request-{version}")
        yield (*place, *who, at, sha256(data).digest(), data)


def fields(type_: str, model: str, version: str, number: int, step: int, environment: str | None) -> dict[str, Any]:
    """The fields of these events, and a note that brings them to some 400 bytes."""
    if type_ == "ActionRefused":
        return {"action": "request_sign_off", "code": "not_now", "note": "x" * 340}
    return {
        "model_id": model, "name": f"name of {model}", "version_id": f"version-{version}", "environment": environment,
        "number": number % 1000, "artifact": {"sha256": f"{number:064}"}, "artifact_sha256": f"{number:064}",
        "sha256": f"{number:064}", "sign_off_id": f"sign-off-{version}", "person_id": f"person-{step}", "role": "reviewer",
        "deployment_id": f"deployment-{version}", "expires_at": FAR_OFF, "allowed": number % 50 > 0,
    }  # fmt: skip


LOST = f"""
    insert into {SCHEMA}.forks (source, found_at_index, lost_epoch, lost_position, lost_id, kept_epoch, kept_position, kept_id)
    select source, max(index), 1, max(position), (array_agg(event_id order by index desc))[1], 1,
           max(position) - 60, (array_agg(event_id order by index desc))[61]
    from {SCHEMA}.entries where source = 'registry' group by source
"""


async def fill(database: Database, number: int) -> None:
    """The log copied, and its views built by a rebuild."""
    await database.migrate(SCHEMA, MIGRATIONS)
    connection = await asyncpg.connect(database.superuser_url)
    await connection.copy_records_to_table("entries", schema_name=SCHEMA, columns=COLUMNS, records=entries(number))
    await connection.execute(f"update {SCHEMA}.projection_marks set index = {number - 1}")
    await connection.execute(LOST)
    await rebuild(database.superuser_url, SCHEMA, all_views(), lambda done, of: None)
    await connection.execute("vacuum (analyze)")
    await connection.close()


@asynccontextmanager
async def neighbours(settings: AuditSettings) -> AsyncIterator[Neighbours]:
    """In place of the other services."""
    yield Neighbours(EveryoneIs(Roles.AUDITOR), [Silent(name) for name in SOURCES])


@asynccontextmanager
async def serve(database: Database) -> AsyncIterator[Served]:
    """In this process."""
    async with served_in_process(audit_app(AuditSettings.load(database_url=SecretStr(database.service_url)), neighbours)) as served:
        yield served


def at(number: int) -> str:
    """When an entry was recorded."""
    return (BEGAN + timedelta(milliseconds=number)).isoformat().replace("+00:00", "Z")


def timeline(name: str, query: str = "") -> Endpoint:
    """`{last}` is the last version, `{before}` a time shortly before the last entry, `{early}` one shortly after the first."""

    def path(size: int) -> str:
        words = {"last": size // len(STORY) - 2, "before": at(size - 100), "early": at(100)}
        return f"/v1/timeline?{query.format(**words)}"

    return Endpoint(f"timeline, {name}", path)


AUDIT = Filled(
    "audit",
    "entries",
    fill,
    serve,
    (
        timeline("newest"),
        timeline("oldest", "order=oldest"),
        timeline("of a model by id", "model=model-{last}"),
        timeline("of a model by name", "model=name of model-{last}"),
        timeline("of a model with many lines", f"model={BUSY}"),
        timeline("of an unknown model", "model=nobody"),
        timeline("of a version", "version=version-{last}"),
        timeline("of an actor", "actor=person-3"),
        timeline("of an unknown actor", "actor=nobody"),
        timeline("of an environment", "environment=test"),
        timeline("of an unknown environment", "environment=nowhere"),
        timeline("of a type", "type=ModelRegistered"),
        timeline("of an unknown type", "type=Nothing"),
        timeline("refused", "result=refused"),
        timeline("failed, of which there are none", "result=failed"),
        timeline("done", "result=done"),
        timeline("of a source that says much", "source=approval"),
        timeline("of a source that has not said anything for long", "source=audit"),
        timeline("of a request", "correlation=request-{last}"),
        timeline("of a model and a type", f"model={BUSY}&type=DeploymentReported"),
        timeline("since a short while", "since={before}"),
        timeline("since a short while, oldest", "since={before}&order=oldest"),
        timeline("until shortly after the beginning", "until={early}"),
        timeline("since shortly after the beginning", "since={early}"),
        Endpoint("entry", lambda size: f"/v1/entries/{size // 2}"),
        Endpoint("sources", lambda size: "/v1/sources"),
        Endpoint("what a source lost", lambda size: "/v1/sources/registry/lost"),
        Endpoint("as of now", lambda size: "/v1/as-of"),
        Endpoint("as of now, an environment", lambda size: "/v1/as-of?environment=prod"),
        Endpoint("as of now, a model", lambda size: f"/v1/as-of?model={BUSY}"),
        Endpoint("as of now, an unknown model", lambda size: "/v1/as-of?model=nobody"),
        Endpoint("as of an entry", lambda size: f"/v1/as-of?index={size * 9 // 10}"),
        Endpoint("as of a time", lambda size: f"/v1/as-of?time={at(size * 9 // 10)}"),
    ),
)
