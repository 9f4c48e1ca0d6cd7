"""Rows of the subjects of decisions: versions, runs, environments and models, from other services' events.

Written by the consumer, in the transaction that moves its mark; an event that changes nothing here has no rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import orjson

from placet_shared.event_store import RecordedEvent, Statement
from placet_shared.measured import measured_of_summaries
from placet_shared.model_selectors import GOVERNANCE_TAGS, ModelSelector

__all__ = ["registry_rows", "verification_rows", "write_rows"]

# One statement for a model and its tags, since rows are written table by table: a tag is never set before its model is known.
KNOW_MODEL = """
    insert into known_models (model_id, name, tags) values ($1, $2, $3)
    on conflict (model_id) do update
        set tags = case when $5::text is null then known_models.tags - $4::text
                        else known_models.tags || jsonb_build_object($4::text, $5::text) end
"""
# In one statement, since rows are written statement by statement: a new one moves those behind it.
KNOW_ENVIRONMENT = """
    with new as materialized (
        select coalesce((select place from known_environments where name = $2), 0) + 1 as place
        where not exists (select from known_environments where name = $1)
    ), moved as (
        update known_environments set place = known_environments.place + 1 from new where known_environments.place >= new.place
    )
    insert into known_environments (name, place) select $1, place from new
"""
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
KNOW_TRAINING_DATA = """
    insert into known_training_data (artifact_sha256, sha256, version_id, claimed_by, claimed_at) values ($1, $2, $3, $4, $5)
    on conflict (artifact_sha256, sha256) do nothing
"""
# One statement for all that happens to a plan, for the same reason. A version that takes effect at once does so for what it selects
# itself: what a later one selects beside that is concerned from its next request on.
KNOW_PLAN = """
    insert into known_plans (plan_id, name, version, sha256, lookup, every_model, patterns,
                             required_version, required_lookup, required_every_model, required_patterns)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (plan_id) do update
        set name = excluded.name, version = excluded.version, sha256 = coalesce(nullif(excluded.sha256, ''), known_plans.sha256),
            lookup = excluded.lookup, every_model = excluded.every_model, patterns = excluded.patterns,
            (required_version, required_lookup, required_every_model, required_patterns) = (
                select r.* from (values
                    (excluded.required_version, excluded.required_lookup, excluded.required_every_model, excluded.required_patterns),
                    (known_plans.required_version, known_plans.required_lookup, known_plans.required_every_model,
                     known_plans.required_patterns)
                ) r (version, lookup, every_model, patterns) order by version desc limit 1)
        where excluded.version >= known_plans.version
"""
NOTHING_AT_ONCE: Sequence[Any] = (0, [], False, [])
# Of a deployment that was replaced the end says nothing any more.
KNOW_DEPLOYMENT = """
    insert into known_deployments (model_id, environment, deployment_id, sha256, version_id, reported_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (model_id, environment) do update
        set deployment_id = excluded.deployment_id, sha256 = excluded.sha256, version_id = excluded.version_id,
            reported_at = excluded.reported_at
        where excluded.sha256 is not null or known_deployments.deployment_id = excluded.deployment_id
"""
# Its end may come twice, and never before it.
KNOW_DEPLOYMENT_REPORT = """
    insert into known_deployment_reports (deployment_id, model_id, environment, version_id, sha256, position, reported_at, ended_at)
    select $1::text, $2::text, $3::text, coalesce($4, r.version_id), coalesce($5, r.sha256), coalesce(r.position, $6),
           coalesce(r.reported_at, $7), $8::timestamptz
    from (select) one left join known_deployment_reports r on r.deployment_id = $1
    on conflict (deployment_id) do update set ended_at = coalesce(known_deployment_reports.ended_at, excluded.ended_at)
"""
KNOW_PLACE = """
    insert into known_run_places (run_id, requested, failed) values ($1, $2, $3)
    on conflict (run_id) do update
        set requested = coalesce(known_run_places.requested, excluded.requested),
            failed = coalesce(known_run_places.failed, excluded.failed)
"""
KNOW_RUN = """
    insert into known_runs (run_id, version_id, environment, plan_id, plan, plan_version, plan_sha256, pins, compares, champion, passed,
                            result_sha256, measured_sha256, finished_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    on conflict (run_id) do nothing
"""


KNOW_FINDING = "insert into known_findings (run_id, plan, check_id) values ($1, $2, $3) on conflict (run_id, check_id) do nothing"
NOT_MET = ("FAIL", "ERROR", "INSUFFICIENT_DATA")


def registry_rows(event: RecordedEvent) -> Iterator[Statement]:
    """Models, their versions, the people with a part in their bytes, and environments."""
    data = event.fields
    match event.type:
        case "ModelRegistered":
            tags = {key: value for key, value in data["tags"].items() if key.startswith(GOVERNANCE_TAGS)}
            yield Statement(KNOW_MODEL, (data["model_id"], data["name"], orjson.dumps(tags).decode(), "", None))
        case "ModelTagged" | "ModelUntagged" if data["key"].startswith(GOVERNANCE_TAGS):
            yield Statement(KNOW_MODEL, (data["model_id"], "", "{}", data["key"], data.get("value")))
        case "EnvironmentDefined":
            yield Statement(KNOW_ENVIRONMENT, (data["name"], data["after"]))
        case "VersionRegistered":
            digest = data["artifact"]["sha256"]
            yield Statement(KNOW_VERSION, (data["version_id"], data["model_id"], data["number"], digest, event.recorded_at))
            registrars = [event.actor, *([event.on_behalf_of] if event.on_behalf_of else [])]
            yield from _involved(event, digest, registrars, data["lineage"])
            yield from _trained_on(event, digest, data["lineage"]["data"])
        case "DeploymentReported" | "DeploymentEnded":
            where = (data[name] for name in ("model_id", "environment", "deployment_id"))
            yield Statement(KNOW_DEPLOYMENT, (*where, data.get("sha256"), data.get("version_id"), event.recorded_at))
            yield Statement(KNOW_DEPLOYMENT_REPORT, _deployment_report(event))
        case "LineageAdded":
            yield from _involved(event, data["artifact_sha256"], (), data)
            yield from _trained_on(event, data["artifact_sha256"], data.get("data", ()))


def _deployment_report(event: RecordedEvent) -> Sequence[Any]:
    names = ("deployment_id", "model_id", "environment", "version_id", "sha256")
    ended_at = event.recorded_at if event.type == "DeploymentEnded" else None
    return (*(event.fields.get(name) for name in names), event.position, event.recorded_at, ended_at)


def _involved(event: RecordedEvent, digest: str, registrars: Iterable[str], lineage: Mapping[str, Any]) -> Iterator[Statement]:
    parts = {"registrar": registrars, "trainer": lineage["trained_by"], "data_preparer": lineage["prepared_by"]}
    where = (event.actor, event.fields["version_id"], event.recorded_at)
    for part, people in parts.items():
        for person in people:
            yield Statement(KNOW_INVOLVEMENT, (digest, person, part, *where))


def _trained_on(event: RecordedEvent, digest: str, named: Iterable[Mapping[str, str]]) -> Iterator[Statement]:
    """The first claim stands; validation data are not among them, since models are chosen by them and not fitted to them."""
    for one in named:
        if one["role"] == "train":
            yield Statement(KNOW_TRAINING_DATA, (digest, one["sha256"], event.fields["version_id"], event.actor, event.recorded_at))


def verification_rows(event: RecordedEvent) -> Iterator[Statement]:
    """Plans in force, and runs that ended with a result, with the positions that order them; one that errored says nothing of the model."""
    data = event.fields
    match event.type:
        case "PlanPublished" | "PlanRevised":
            document = data["document"]
            selector = ModelSelector.from_document(document.get("for", {}))
            environments = document["environments"] if "environments" in document else [document["environment"]]
            lookup = sorted(f"{environment} {key}" for environment in environments for key in selector.lookup_keys)
            selected = (lookup, selector.every_model, selector.like_patterns)
            at_once = (data["version"], *selected) if document.get("takes_effect") == "immediately" else NOTHING_AT_ONCE
            plan = (data[name] for name in ("plan_id", "name", "version", "sha256"))
            yield Statement(KNOW_PLAN, (*plan, *selected, *at_once))
        case "PlanWithdrawn":
            yield Statement(KNOW_PLAN, (data["plan_id"], data["name"], data["version"], "", [], False, [], *NOTHING_AT_ONCE))
        case "RunRequested":
            yield Statement(KNOW_PLACE, (data["run_id"], event.position, None))
        case "VerificationPassed" | "VerificationFailed":
            run = (data[name] for name in ("run_id", "version_id", "environment"))
            plan = (data["plan"][name] for name in ("id", "name", "version", "sha256"))
            measured = data["measured_sha256"] if "measured_sha256" in data else measured_of_summaries(data["checks"])
            found = (event.type == "VerificationPassed", data["result_sha256"], measured, event.recorded_at)
            champion = data.get("champion")
            compared = (champion is not None, champion and champion["artifact_sha256"])
            yield Statement(KNOW_RUN, (*run, *plan, _pins(data), *compared, *found))
            for check in data["checks"]:
                if check["severity"] == "advisory" and check["status"] in NOT_MET:
                    yield Statement(KNOW_FINDING, (data["run_id"], data["plan"]["name"], check["check_id"]))
            if event.type == "VerificationFailed":
                yield Statement(KNOW_PLACE, (data["run_id"], None, event.position))


def _pins(data: Mapping[str, Any]) -> str:
    """Data and champion of a run, in one form."""
    datasets = data["datasets"] if "datasets" in data else [{"input": "evaluation", "sha256": data["dataset_sha256"]}]
    champion = data.get("champion")
    compared = [f"champion {champion['artifact_sha256'] or 'none'}"] if champion else []
    pins = [f"{one['input']} {one['sha256']}" for one in datasets] + compared
    return ", ".join(sorted(pins))


async def write_rows(connection: asyncpg.Connection, statements: Iterable[Statement]) -> None:
    """Each table's rows in their order, in one call a table: no row depends on one of another table."""
    rows: dict[str, list[Sequence[Any]]] = {}
    for statement in statements:
        rows.setdefault(statement.sql, []).append(statement.args)
    for sql, values in rows.items():
        await connection.executemany(sql, values)
