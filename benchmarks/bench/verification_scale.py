"""verification-service with many runs: half of them, all ended, are of one model, and of the others a fifth wait for a worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256

import httpx

from bench.database import Database
from bench.endpoints import Endpoint, Filled, Served
from bench.filling import feed_endpoints, filled_by, served_in_process
from bench.quiet_neighbours import EveryoneIs
from placet_shared.web.pages import encode_cursor
from placet_verification.adapters.registry_over_http import RegistryOverHttp
from placet_verification.app import verification_app
from placet_verification.bootstrap import MIGRATIONS, Neighbours
from placet_verification.settings import VerificationSettings

__all__ = ["VERIFICATION"]

BUSY = "model-00000001"
# A hundred runs wait at every size, since the settings bound the queue; workers hold two of them.
ROWS = """
    insert into plans
    (version, plan_id, name, sha256, document, text_id, published_by, published_at, position, environments, stream_key, in_force)
    select version, 'plan-' || environment, environment, encode(sha256('plan'), 'hex'),
           ('{"environments": ["' || environment || '"], "for": {"models": [], "tags": {}}, "team": null, "takes_effect": "next"}')::json,
           gen_random_uuid(), 'person-1', now(), row_number() over (), array[environment], 'named_' || environment, version = 20
    from unnest(array['dev', 'prod', 'canary']) environment, generate_series(1, 20) version;
    insert into results
    select encode(sha256(convert_to('"result ' || n || '"', 'UTF8')), 'hex'), convert_to('"result ' || n || '"', 'UTF8')
    from generate_series(1, $number) n;
    insert into runs (run_id, model_id, version_id, environment, plan, artifact_sha256, datasets, outcome, result_sha256, reason_code,
                      checks, stream_version, requested_by, requested_at, ended_at, position)
    select 'run-' || n, case n % 2 when 0 then 'model-' || lpad(n::text, 8, '0') else 'model-00000001' end,
           'version-' || n,
           case when n <= 5 then 'canary' when n % 2 = 0 then 'prod' else 'dev' end,
           '{"id": "plan-1", "name": "checks", "version": 20, "sha256": "00"}', encode(sha256(n::text::bytea), 'hex'),
           '[{"input": "evaluation", "sha256": "00"}]', outcome, case when outcome is not null then encode(sha256(convert_to('"result ' || n || '"', 'UTF8')), 'hex') end,
           null, null, 1, 'person-1', now(), case when outcome is not null then now() end, n
    from generate_series(1, $number) n,
         lateral (select case when n <= 5 then 'failed' when n % ($number / 100) <> 0 then 'passed' end as outcome) o;
    insert into jobs
    select run_id, 1, now(), case when position <= $number / 50 then now() + interval '1 day' end, 'person-' || position % 7, model_id
    from runs where outcome is null;
    insert into attempts select run_id, 1, 'worker', now(), now(), now(), outcome, null, '{}', '{}' from runs where outcome is not null;
    insert into envelopes
    select encode(sha256(convert_to('{"envelope": ' || n || '}', 'UTF8')), 'hex'), convert_to('{"envelope": ' || n || '}', 'UTF8')
    from generate_series(1, $number) n;
    insert into attestations (sha256, statement_sha256, predicate_type, artifacts, model_id, recorded_by, recorded_at, position)
    select encode(sha256(convert_to('{"envelope": ' || n || '}', 'UTF8')), 'hex'), encode(sha256(n::text::bytea), 'hex'), 'https://example.com/v1',
           array[encode(sha256((n / 5)::text::bytea), 'hex')], 'model-00000001', 'person-1', now(), n
    from generate_series(1, $number) n;
    insert into row_trial_counts select 'model-' || lpad(n::text, 8, '0'), n, now() from generate_series(1, $number) n;
"""  # noqa: E501
OF_EVENT = "'run-run-' || n, 1, 'RunRequested', 1, 'model-' || n"


@asynccontextmanager
async def neighbours(settings: VerificationSettings) -> AsyncIterator[Neighbours]:
    """In place of the other services."""
    async with httpx.AsyncClient() as client:
        registry = RegistryOverHttp(client, "http://nowhere", "")
        yield Neighbours(EveryoneIs(), registry, registry, "")


@asynccontextmanager
async def serve(database: Database) -> AsyncIterator[Served]:
    """In this process."""
    async with served_in_process(verification_app(VerificationSettings.load(database_url=database.service_url), neighbours)) as served:
        yield served


def runs(name: str, query: str = "", middle: Callable[[int], int] | None = None) -> Endpoint:
    """`{last}` is the number of the last run that is not of the busy model."""

    def path(size: int) -> str:
        cursor = f"&cursor={encode_cursor('runs', [middle(size)])}" if middle else ""
        return f"/v1/runs?{query.format(last=f'{size:08}', version=size)}{cursor}"

    return Endpoint(f"runs, {name}", path)


def half_way(size: int) -> int:
    """The position of a row in the middle."""
    return size // 2


def result_of(number: int) -> str:
    """Its digest."""
    return sha256(f'"result {number}"'.encode()).hexdigest()


def envelope_of(number: int) -> str:
    """Its digest."""
    return sha256(f'{{"envelope": {number}}}'.encode()).hexdigest()


def artifact_of(number: int) -> str:
    """The digest of the artifact that an attestation is about; five are about each."""
    return sha256(str(number // 5).encode()).hexdigest()


VERIFICATION = Filled(
    "verification",
    "runs",
    filled_by("verification", MIGRATIONS, ROWS, OF_EVENT),
    serve,
    (
        runs("first page"),
        runs("a page in the middle", "", half_way),
        runs("of a model with one", "model_id=model-{last}"),
        runs("of a model with many", f"model_id={BUSY}"),
        runs("of a model with many, in the middle", f"model_id={BUSY}", half_way),
        runs("of an unknown model", "model_id=nothing"),
        runs("of a version", "version_id=version-{version}"),
        runs("of a version, another environment", "version_id=version-{version}&environment=dev"),
        runs("in an environment of many", "environment=prod"),
        runs("in an environment of few", "environment=canary"),
        runs("in an environment of none", "environment=nowhere"),
        runs("passed", "status=passed"),
        runs("failed, few", "status=failed"),
        runs("errored, none", "status=errored"),
        runs("queued", "status=queued"),
        runs("queued, in the middle", "status=queued", half_way),
        runs("running", "status=running"),
        runs("failed of a model with many", f"model_id={BUSY}&status=failed"),
        runs("queued of a model without any", f"model_id={BUSY}&status=queued"),
        runs("running of a model without any", f"model_id={BUSY}&status=running"),
        runs("queued in an environment without any", "environment=dev&status=queued"),
        runs("errored in an environment without any", "environment=dev&status=errored"),
        runs("of a model in an environment of others", f"model_id={BUSY}&environment=prod"),
        Endpoint("run", lambda size: f"/v1/runs/run-{size // 2 + 1}"),
        Endpoint("waiting for a run that has ended", lambda size: f"/v1/runs/run-{size // 2 + 1}/wait"),
        Endpoint("waiting for a run that has not", lambda size: f"/v1/runs/run-{size}/wait?timeout=0"),
        Endpoint("progress of a run that has ended", lambda size: f"/v1/runs/run-{size // 2 + 1}/progress"),
        Endpoint("attestations, first page", lambda size: "/v1/attestations"),
        Endpoint("attestations about an artifact", lambda size: f"/v1/attestations?artifact_sha256={artifact_of(size // 2)}"),
        Endpoint("attestations about an unknown artifact", lambda size: f"/v1/attestations?artifact_sha256={'0' * 64}"),
        Endpoint("envelope", lambda size: f"/v1/attestations/{envelope_of(size // 2)}"),
        Endpoint("how often a model was tried", lambda size: f"/v1/models/model-{size:08}/trials"),
        Endpoint("report", lambda size: f"/v1/runs/run-{size // 2 + 1}/report"),
        Endpoint("result", lambda size: f"/v1/results/{result_of(size // 2 + 1)}"),
        Endpoint("plans", lambda size: "/v1/plans"),
        Endpoint("versions of a plan", lambda size: "/v1/plans/prod"),
        Endpoint("plan in force", lambda size: "/v1/plans/prod/current"),
        Endpoint("version of a plan", lambda size: "/v1/plans/prod/7"),
        *feed_endpoints(),
    ),
)
