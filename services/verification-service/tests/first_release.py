"""The service as the first release had it, as far as it wrote: events of schema version 1, and their rows as migration 0003 has them."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from placet_shared.contracts.superseded import SUPERSEDED
from placet_shared.event_store import EventRegistry, EventStore, Metadata, RecordedEvent, Statement
from placet_shared.event_store.event_registry import Part, fixed_bytes, projection_of
from placet_shared.event_store.records import Append, NewEvent, Text
from placet_shared.event_store.texts import commitment, new_text
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations, migrate
from placet_shared.testing import DatabaseSite, service_role
from placet_verification.domain.canonical import digest

from . import builders

INSERT_PLAN = """
    insert into plans (environment, version, plan_id, name, sha256, document, text_id, published_by, published_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
INSERT_RUN = """
    insert into runs (run_id, model_id, version_id, environment, plan, artifact_sha256, dataset_sha256, stream_version,
                      requested_by, requested_at, position)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
END_RUN = """
    update runs set outcome = $2, result_sha256 = $3, reason_code = $4, checks = $5, stream_version = $6, ended_at = $7
    where run_id = $1
"""
ENQUEUE = "insert into jobs (run_id) values ($1)"
END_TYPES = {"passed": "VerificationPassed", "failed": "VerificationFailed", "errored": "RunErrored"}


def _plan_rows(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    terms = (fields["environment"], fields["version"], fields["plan_id"], fields["name"], fields["sha256"])
    document = orjson.dumps(fields["document"]).decode()
    yield Statement(INSERT_PLAN, (*terms, document, fields["text"]["id"], event.actor, event.recorded_at, event.position))


def _requested(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    subject = (fields["run_id"], fields["model_id"], fields["version_id"], fields["environment"])
    bound = (orjson.dumps(fields["plan"]).decode(), fields["artifact_sha256"], fields["dataset_sha256"])
    yield Statement(INSERT_RUN, (*subject, *bound, event.version, event.actor, event.recorded_at, event.position))


def _ended(event: RecordedEvent) -> Iterable[Statement]:
    fields = event.fields
    checks = orjson.dumps(fields["checks"]).decode() if "checks" in fields else None
    found = (fields["status"], fields.get("result_sha256"), fields.get("reason_code"), checks)
    yield Statement(END_RUN, (fields["run_id"], *found, event.version, event.recorded_at))


ROWS = {
    "PlanPublished": _plan_rows,
    "PlanRevised": _plan_rows,
    "RunRequested": _requested,
    **dict.fromkeys(END_TYPES.values(), _ended),
}
EVENT_REGISTRY = EventRegistry("verification", (), projection_of(Part(["plans", "runs"], ROWS)))


def migrations() -> Migrations:
    """Up to 0003."""
    found = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_shared.access", "placet_verification")
    found.all = [one for one in found.all if one.package != "placet_verification" or one.name < "0004"]
    return found


def document(environment: str, dataset: str | None = None, **parts: Any) -> dict[str, Any]:
    """A plan's document as that release wrote it."""
    now = builders.plan(**parts)
    names = ("kind", "name", "task", "inputs", "prediction", "artifact", "limits", "seed")
    data = {"sha256": dataset, **{name: now["dataset"][name] for name in ("format", "delimiter", "label", "empty")}}
    checks = [{name: value for name, value in check.items() if name != "check"} for check in now["checks"]]
    return {**{name: now[name] for name in names}, "environment": environment, "dataset": data, "checks": checks}


def summary(check_id: str, status: str, value: float | None, reason_code: str | None = None) -> dict[str, Any]:
    """A check in short, as that release's events had it."""
    facts = {"comparator": ">=", "threshold": 0.5, "n": 200, "reason_code": reason_code}
    ci = None if value is None else [value - 0.01, value + 0.01]
    return {"check_id": check_id, "status": status, "severity": "blocking", "metric": "roc_auc", "value": value, "ci": ci, **facts}


@dataclass(frozen=True, slots=True)
class FirstRelease:
    """Does what that release did."""

    store: EventStore
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def publish(self, plan: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
        """The first plan of its environment, or the one after `before`; gives it as runs are bound to it."""
        reference = {"id": before["id"] if before else new_id(), "name": plan["name"], "version": before["version"] + 1 if before else 1}
        reference["sha256"] = digest(plan)
        text = new_text("as it was written", kind="plan", subject=plan["environment"], author="person-dora")
        data = {"plan_id": reference["id"], "environment": plan["environment"], **{name: reference[name] for name in ("name", "version")}}
        data |= {"sha256": reference["sha256"], "document": plan, "text": commitment(text)}
        stream, type_ = f"plan-{plan['environment']}", "PlanRevised" if before else "PlanPublished"
        await self._append(type_, stream, reference["version"], plan["environment"], data, texts=[text])
        return reference

    async def request(self, version_id: str, plan: dict[str, Any], artifact: str, dataset: str, *, queued: bool = False) -> str:
        """A run by the plan of prod; gives its id."""
        run_id = new_id()
        subject = {"run_id": run_id, "model_id": "model-1", "version_id": version_id, "environment": "prod"}
        self.runs[run_id] = {**subject, "plan": plan, "artifact_sha256": artifact, "dataset_sha256": dataset}
        jobs = [Statement(ENQUEUE, (run_id,))] if queued else []
        await self._append("RunRequested", f"run-{run_id}", 1, "model-1", self.runs[run_id], statements=jobs)
        return run_id

    async def end(self, run_id: str, status: str, **found: Any) -> None:
        """One of the three outcomes."""
        if status != "errored":
            found = {"result_sha256": hashlib.sha256(status.encode()).hexdigest(), **found}
        data = {**self.runs[run_id], "status": status, **found}
        await self._append(END_TYPES[status], f"run-{run_id}", 2, "model-1", data)

    async def _append(
        self,
        type_: str,
        stream: str,
        version: int,
        subject: str,
        data: dict[str, Any],
        texts: Iterable[Text] = (),
        statements: Iterable[Statement] = (),
    ) -> None:
        SUPERSEDED[type_, 1].model_validate(data)
        event = NewEvent(new_id(), stream, version, type_, 1, subject, fixed_bytes(data))
        metadata = Metadata(actor="person-dora", correlation=new_id())
        append = Append(metadata, [event], {stream: version - 1}, texts=list(texts), statements=list(statements))
        assert (await self.store.writer.append(append)).outcome == "appended"


@asynccontextmanager
async def first_release(site: DatabaseSite) -> AsyncIterator[FirstRelease]:
    """That release on the site's database, which is as it leaves it when the block ends."""
    await site.execute(f'drop schema "{site.schema}" cascade')
    await migrate(site.superuser_url, site.schema, migrations(), service_role=service_role(site.schema))
    store = EventStore(site.url, site.schema, EVENT_REGISTRY)
    await store.start()
    try:
        yield FirstRelease(store)
    finally:
        await store.close()
