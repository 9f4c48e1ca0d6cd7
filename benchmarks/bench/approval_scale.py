"""approval-service with many sign-offs: half are of one model, and a fifth of the others wait for people; as many people and tokens."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256

from bench.database import Database
from bench.endpoints import Endpoint, Filled, Served
from bench.filling import feed_endpoints, filled_by, served_in_process
from bench.quiet_neighbours import Silent
from placet_approval.app import approval_app
from placet_approval.bootstrap import MIGRATIONS
from placet_approval.settings import ApprovalSettings
from placet_shared.bus.ports import Source
from placet_shared.tokens import new_token, token_hash
from placet_shared.web.pages import encode_cursor

__all__ = ["APPROVAL"]

BUSY = "model-00000001"
SIGNER, DEVELOPER = new_token(), new_token()
ID = "lpad({n}::text, 8, '0') || '-0000-7000-8000-00000000000{kind}'"
OF_MODEL = "case n % 2 when 0 then 'model-' || lpad(n::text, 8, '0') else 'model-00000001' end"
ROWS = f"""
    insert into people
    select 'person-' || lpad(n::text, 8, '0'),
           case n when 1 then '{{admin,reviewer,service}}' when 2 then '{{developer}}' else '{{risk-officer}}' end::text[],
           true, 1, now(), now(), null
    from generate_series(1, $number) n;
    insert into people_names select person_id, 'name-' || person_id, 'Name', null from people;
    insert into service_accounts
    select 'account-' || lpad(n::text, 8, '0'), 'system-' || n, '{{pipeline}}', true, 1, now(), now() from generate_series(1, $number) n;
    insert into tokens
    select 'token-' || lpad(n::text, 8, '0'), 'person-' || case n % 2 when 0 then lpad(n::text, 8, '0') else '00000001' end, 'person',
           case n when 1 then '{token_hash(SIGNER)}' when 2 then '{token_hash(DEVELOPER)}'
               else encode(sha256(('token' || n)::bytea), 'hex') end,
           1, now(), 'person-00000001', null, null, null, null
    from generate_series(1, $number) n;
    insert into known_environments values ('test', 1), ('prod', 2), ('canary', 3);
    insert into known_models (model_id, name)
    select 'model-' || lpad(n::text, 8, '0'), 'name ' || lpad(n::text, 8, '0') from generate_series(1, $number) n;
    insert into known_versions
    select {ID.format(n="n", kind=1)}, {OF_MODEL}, case n % 2 when 0 then 1 else (n + 1) / 2 end,
           encode(sha256(n::text::bytea), 'hex'), now()
    from generate_series(1, $number) n;
    insert into known_involvements
    select artifact_sha256, 'person-00000003', part, 'person-00000003', version_id, now()
    from known_versions, unnest(array['registrar', 'trainer']) part;
    insert into known_deployments (model_id, environment, deployment_id, sha256, version_id, reported_at)
    select 'model-' || lpad(n::text, 8, '0'), 'prod', 'deployment-' || lpad(n::text, 8, '0'), encode(sha256(n::text::bytea), 'hex'),
           {ID.format(n="n", kind=1)}, now()
    from generate_series(1, $number) n;
    insert into known_deployment_reports
    select 'deployment-' || lpad(n::text, 8, '0') || e, {OF_MODEL}, e, {ID.format(n="n", kind=1)},
           encode(sha256(n::text::bytea), 'hex'), n, now()
    from generate_series(1, $number) n, unnest(array['test', 'prod']) e;
    insert into known_plans values ('plan-1', 'checks', 1, '00', '{{prod *}}', true, '{{}}', 0);
    insert into known_plans
    select 'plan-of-' || model_id, 'checks-of-' || model_id, 1, '00', array['prod model ' || name], false, '{{}}', 0
    from known_models where name <> 'name 00000001';
    insert into known_runs (run_id, version_id, environment, plan_id, plan, plan_version, plan_sha256, pins, compares, passed,
                            result_sha256, measured_sha256, finished_at)
    select 'run-' || version_id || p.name, version_id, 'prod', p.plan_id, p.name, 1, '00', 'evaluation', false, true,
           encode(sha256('result'), 'hex'), encode(sha256('result'), 'hex'), now()
    from known_versions v, known_plans p where p.plan_id in ('plan-1', 'plan-of-' || v.model_id);
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, evidence, policy, signatures, excluded,
                           requester_id, requested_at, changed_at, stream_version, expires_at)
    select {ID.format(n="n", kind=0)}, {OF_MODEL}, {ID.format(n="n", kind=1)},
           case when n <= 5 then 'canary' when n % 2 = 0 then 'prod' else 'test' end, case n % 10 when 0 then 'pending' else 'approved' end,
           encode(sha256(n::text::bytea), 'hex'), '[]', '{{"id": "policy-1", "version": 1, "sha256": "00"}}',
           '[{{"any_of": ["reviewer"], "count": 1}}, {{"any_of": ["risk-officer"], "count": 1}}]', '[]', 'person-00000003', now(), now(), 3,
           case when n % 10 > 0 then now() + interval '30 days' end
    from generate_series(1, $number) n;
    insert into approvals select sign_off_id, 'person-00000004', 'risk-officer', now() from sign_offs;
    insert into signed_endings select 'person-00000001', sign_off_id, changed_at from sign_offs where state = 'approved';
    insert into sign_off_acts (sign_off_id, stream_version, act, actor_id, token_issuers, acted_at)
    select sign_off_id, 1, 'requested', requester_id, '{{}}', now() from sign_offs;
    insert into policies (environment, version, policy_id, sha256, mode, content, defined_by, defined_at)
    values ('canary', 1, 'policy-of-canary', '00', 'prevent', '{{
        "environment": "canary", "mode": "prevent", "signatures": [{{"any_of": ["reviewer"], "count": 1}}],
        "evidence": {{"verification": null}},
        "separation_of_duties": {{"exclude": ["requester", "trainer"]}}, "expires_after_seconds": 1000, "rationale": "optional",
        "steps": [{{"name": "data-review", "owner": "data-office", "completed_by": {{"role": "reviewer"}}}}]}}', 'person-00000001', now());
    insert into completed_steps (artifact_sha256, environment, model_id, step, version_id, role, person_id, token_issuers, evidence,
                                 completed_at, text_id, text_hmac, stream_version)
    select artifact_sha256, 'canary', model_id, 'data-review', version_id, 'reviewer', 'person-00000001', '{{}}', '{{}}', now(),
           gen_random_uuid(), '00', 1
    from known_versions where number % 2 = 0;
    insert into gate_decisions (decision_id, environment, question, verdict, decided, reasons, positions, decided_by, decided_at)
    select {ID.format(n="n", kind=2)}, 'prod', '{{"environment": "prod", "digest": "00"}}', 'deny', true, '{{}}', '{{}}', 'account-1', now()
    from generate_series(1, $number) n;
"""
OF_EVENT = f"'signoff-' || {ID.format(n='n', kind=0)}, 3, 'SignOffApproved', 1, 'model-' || n"


@asynccontextmanager
async def silent(settings: ApprovalSettings) -> AsyncIterator[Sequence[Source]]:
    """In place of the services that it follows."""
    yield [Silent("registry"), Silent("verification")]


@asynccontextmanager
async def serve(database: Database) -> AsyncIterator[Served]:
    """With its own authentication."""
    async with served_in_process(approval_app(ApprovalSettings.load(database_url=database.service_url), silent), SIGNER) as served:
        yield served


def digest_of(number: int) -> str:
    """Of the artifact of version so and so."""
    return sha256(str(number).encode()).hexdigest()


def id_of(number: int, kind: int) -> str:
    """Of a sign-off (0), a version (1) or a gate decision (2)."""
    return f"{number:08}-0000-7000-8000-00000000000{kind}"


def sign_off_in_the_middle(size: int) -> str:
    """Its id."""
    return id_of(size // 2, 0)


def numbered(prefix: str) -> Callable[[int], str]:
    """The id of a row in the middle."""
    return lambda size: f"{prefix}-{size // 2:08}"


def listing(
    place: str, listing: str, name: str, query: str = "", middle: Callable[[int], str] | None = None, token: str | None = None
) -> Endpoint:
    """`{last}` is the last model or person, `{version}` its version."""

    def path(size: int) -> str:
        cursor = f"&cursor={encode_cursor(listing, [middle(size)])}" if middle else ""
        return f"/v1/{place}?{query.format(last=f'{size:08}', version=id_of(size, 1))}{cursor}"

    return Endpoint(f"{listing}, {name}", path, token)


def sign_offs(name: str, query: str = "", middle: Callable[[int], str] | None = None, token: str | None = None) -> Endpoint:
    """A page of sign-offs."""
    return listing("sign-offs", "sign-offs", name, query, middle, token)


APPROVAL = Filled(
    "approval",
    "sign-offs",
    filled_by("approval", MIGRATIONS, ROWS, OF_EVENT),
    serve,
    (
        sign_offs("first page"),
        sign_offs("a page in the middle", "", sign_off_in_the_middle),
        sign_offs("open", "open=true"),
        sign_offs("of a model by id", "model=model-{last}"),
        sign_offs("of a model by name", "model=name {last}"),
        sign_offs("of a model with many", f"model={BUSY}"),
        sign_offs("of a model with many, in the middle", f"model={BUSY}", sign_off_in_the_middle),
        sign_offs("of an unknown model", "model=nothing"),
        sign_offs("open, of a model without any", f"model={BUSY}&open=true"),
        sign_offs("of a version", "version_id={version}"),
        sign_offs("of an unknown version", "version_id=nothing"),
        sign_offs("of an environment of many", "environment=prod"),
        sign_offs("of an environment of few", "environment=canary"),
        sign_offs("of an environment of none", "environment=nowhere"),
        sign_offs("open, of an environment without any", "environment=test&open=true"),
        sign_offs("of a model in an environment of others", f"model={BUSY}&environment=prod"),
        sign_offs("that the caller can sign", "mine=true"),
        sign_offs("that the caller can sign, none in this environment", "mine=true&environment=test"),
        sign_offs("that the caller can sign, having no role for it", "mine=true", token=DEVELOPER),
        Endpoint("inbox of a signer", lambda size: "/v1/inbox"),
        Endpoint("inbox of a developer", lambda size: "/v1/inbox", DEVELOPER),
        Endpoint("approvals of deployments", lambda size: f"/v1/deployment-approvals?deployment_id=deployment-{size:08}"),
        Endpoint("sign-off", lambda size: f"/v1/sign-offs/{id_of(size, 0)}"),
        Endpoint("waiting for a decided sign-off", lambda size: f"/v1/sign-offs/{id_of(size - 1, 0)}/wait"),
        Endpoint("waiting for an open sign-off", lambda size: f"/v1/sign-offs/{id_of(size, 0)}/wait?timeout=0"),
        Endpoint("gate, by digest", lambda size: f"/v1/gate?environment=prod&digest={digest_of(size - 2)}"),
        Endpoint("gate, by version", lambda size: f"/v1/gate?environment=prod&version_id={id_of(size - 2, 1)}"),
        Endpoint("gate, by model and number", lambda size: f"/v1/gate?environment=test&model=name 00000001&number={size // 2 - 1}"),
        Endpoint("gate, an unknown digest", lambda size: f"/v1/gate?environment=prod&digest={digest_of(0)}"),
        Endpoint("gate decision", lambda size: f"/v1/gate/decisions/{id_of(size, 2)}"),
        Endpoint("validity of a gate decision", lambda size: f"/v1/gate/decisions/{id_of(size, 2)}/validity"),
        listing("people", "people", "first page"),
        listing("people", "people", "a page in the middle", "", numbered("person")),
        Endpoint("person by id", lambda size: f"/v1/people/person-{size:08}"),
        Endpoint("person by name", lambda size: f"/v1/people/name-person-{size:08}"),
        listing("service-accounts", "service-accounts", "first page"),
        listing("service-accounts", "service-accounts", "a page in the middle", "", numbered("account")),
        Endpoint("service account by id", lambda size: f"/v1/service-accounts/account-{size:08}"),
        Endpoint("service account by name", lambda size: f"/v1/service-accounts/system-{size}"),
        listing("tokens", "tokens", "first page"),
        listing("tokens", "tokens", "a page in the middle", "", numbered("token")),
        listing("tokens", "tokens", "of a person by id", "holder=person-{last}"),
        listing("tokens", "tokens", "of a person by name", "holder=name-person-{last}"),
        listing("tokens", "tokens", "of a person with many", "holder=person-00000001"),
        listing("tokens", "tokens", "of an unknown holder", "holder=nothing"),
        Endpoint("token", lambda size: f"/v1/tokens/token-{size:08}"),
        Endpoint("caller", lambda size: "/v1/whoami"),
        Endpoint("policies", lambda size: "/v1/policies"),
        Endpoint("roll-back candidates of a model of many", lambda size: f"/v1/rollback-candidates?model={BUSY}&environment=prod"),
        listing("board", "board", "first page"),
        listing("board", "board", "names with a beginning", "model=name {last}"),
        listing("board", "board", "what waits for signatures", "waits_for=signatures"),
        listing("board", "board", "what waits for a step", "step=data-review"),
        Endpoint("steps of a version", lambda size: f"/v1/steps?environment=canary&version_id={id_of(size, 1)}"),
        Endpoint("steps of a model of many", lambda size: f"/v1/steps?environment=canary&model={BUSY}&number={size // 2 - 1}"),
        Endpoint("policies of an environment", lambda size: "/v1/policies/prod"),
        *feed_endpoints(),
    ),
)
