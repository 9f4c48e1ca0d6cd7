"""An approval-service full of sign-offs: some by the real domain and the real append, most as copies of their rows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bench.database import Database
from bench.sources_server import ENVIRONMENT, SOURCES
from placet_approval.adapters.first_people import FirstPeople
from placet_approval.bootstrap import EVENT_REGISTRY, MIGRATIONS
from placet_approval.commands.define_default_policies import ensure_default_policies
from placet_approval.domain.involvement import Claim
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_approval.domain.subjects import GovernedVersion, PlanInForce, PlanVersion, Verification
from placet_shared.event_store import Answer, EventStore, Metadata, UnitOfWork
from placet_shared.event_store.opening import open_store
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations

__all__ = ["Installation", "digest_of", "fill", "sign_off_id", "version_id"]

SCHEMA = "approval"
MODELS = 1000
RESULT = sha256(b"result").hexdigest()
SIGNERS = (
    Signer("person-1", "person", frozenset({"reviewer"}), frozenset()),
    Signer("person-2", "person", frozenset({"risk-officer"}), frozenset()),
)
# The rows of other services' events, for every version; then sign-offs that are copies of the first real one.
KNOWN = f"""
    insert into known_environments values ('{ENVIRONMENT}') on conflict do nothing;
    insert into known_models (model_id, name) select 'model-' || n, 'model ' || n from generate_series(0, {MODELS - 1}) n;
    insert into known_versions
        select lpad(n::text, 8, '0') || '-0000-7000-8000-000000000001', 'model-' || n % {MODELS}, n / {MODELS} + 1,
               encode(sha256(n::text::bytea), 'hex'), clock_timestamp()
        from generate_series(0, $number - 1) n;
    insert into known_involvements
        select encode(sha256(n::text::bytea), 'hex'), 'person-0', part, 'person-0',
               lpad(n::text, 8, '0') || '-0000-7000-8000-000000000001', clock_timestamp()
        from generate_series(0, $number - 1) n, unnest(array['registrar', 'trainer']) part;
    insert into known_plans values ('plan-1', 'checks', 1, '{RESULT}', array['{ENVIRONMENT} *'], true, array[]::text[], 0);
    insert into known_runs (run_id, version_id, environment, plan_id, plan, plan_version, plan_sha256, pins, compares, passed,
                            result_sha256, measured_sha256, finished_at)
        select 'run-' || n, lpad(n::text, 8, '0') || '-0000-7000-8000-000000000001', '{ENVIRONMENT}',
               'plan-1', 'checks', 1, '{RESULT}', 'evaluation', false, true, '{RESULT}', '{RESULT}',
               clock_timestamp()
        from generate_series(0, $number - 1) n;
"""
MANY = f"""
    insert into sign_offs
        select lpad(n::text, 8, '0') || '-0000-7000-8000-000000000000', 'model-' || n % {MODELS},
               lpad(n::text, 8, '0') || '-0000-7000-8000-000000000001', s.environment, s.state, encode(sha256(n::text::bytea), 'hex'),
               s.policy, s.signatures, s.excluded, s.requester_id, s.invalidated, s.expires_at, s.requested_at, s.changed_at,
               s.stream_version, jsonb_set(s.evidence, '{{0,run_id}}', to_jsonb('run-' || n)), s.noes_answered, s.earlier_noes,
               s.excluded_in_all, s.contested, s.set_aside
        from sign_offs s, generate_series($real, $number - 1) n
        where s.sign_off_id = '00000000-0000-7000-8000-000000000000' and s.state = 'approved';
    insert into approvals
        select lpad(n::text, 8, '0') || '-0000-7000-8000-000000000000', a.person_id, a.role, a.granted_at
        from approvals a, generate_series($real, $number - 1) n where a.sign_off_id = '00000000-0000-7000-8000-000000000000';
    create table bare_commits (id uuid primary key, at timestamptz not null default clock_timestamp());
    grant select, insert on bare_commits to $role;
    vacuum analyze sign_offs, approvals, known_versions, known_involvements, known_runs;
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """An admin's token, and the ids of sign-offs without a signature."""

    token: str
    pending: Sequence[str] = ()


def sign_off_id(number: int) -> str:
    """The same id that the SQL makes."""
    return f"{number:08d}-0000-7000-8000-000000000000"


def version_id(number: int) -> str:
    """Of the version that this sign-off is about."""
    return f"{number:08d}-0000-7000-8000-000000000001"


def digest_of(number: int) -> str:
    """Of its artifact."""
    return sha256(str(number).encode()).hexdigest()


async def fill(database: Database, number: int, real: int, *, approved: bool = True) -> Installation:
    """So many sign-offs, of which so many `real` ones have their events too; without `approved` these wait for their last signature."""
    await database.migrate(SCHEMA, MIGRATIONS)
    for source in SOURCES:
        await database.migrate(source, Migrations("placet_shared.event_store", "placet_shared.bus"))
    await _execute(database, KNOWN, number, real)
    async with open_store(database.service_url, SCHEMA, EVENT_REGISTRY, MIGRATIONS) as store:
        token = await FirstPeople(store).make_admin("bench")
        await ensure_default_policies(store)
        for begun in range(0, real, 64):
            await asyncio.gather(*[sign_off(store, one, approved=approved) for one in range(begun, min(begun + 64, real))])
    await _execute(database, MANY, number, real)
    return Installation(token, [sign_off_id(one) for one in range(real)])


async def sign_off(store: EventStore, number: int, *, approved: bool) -> None:
    """Requested, and signed by all or by all but the last."""

    async def requested_and_signed(uow: UnitOfWork) -> Answer:
        at = await uow.now()
        now = await _circumstances(uow, number, at)
        why = uow.text("as agreed", kind="rationale", subject=now.version.model_id)
        asked = SignOff.request(sign_off_id(number), "person-0", now, why, at)
        for signer in SIGNERS if approved else SIGNERS[:-1]:
            asked.grant(signer, None, now, why, at)
        uow.save(SignOffSeries.start(asked.key, now.version.version_id, ENVIRONMENT, at), subject=now.version.model_id)
        uow.save(asked, subject=now.version.model_id)
        return Answer(201, {})

    await _run(store, requested_and_signed)


async def last_signature(store: EventStore, number: int) -> None:
    """The one that approves it."""

    async def signed(uow: UnitOfWork) -> Answer:
        at = await uow.now()
        now = await _circumstances(uow, number, at)
        why = uow.text("as agreed", kind="rationale", subject=now.version.model_id)
        asked = await uow.get(SignOff, sign_off_id(number), what="sign-off")
        asked.grant(SIGNERS[-1], None, now, why, at)
        uow.save(asked, subject=now.version.model_id)
        return Answer(200, {})

    await _run(store, signed)


async def _circumstances(uow: UnitOfWork, number: int, at: datetime) -> Circumstances:
    policies = await uow.load(PolicySet, PolicySet.key_of(ENVIRONMENT))
    assert policies
    policy = policies.in_force.own
    assert policy
    version = GovernedVersion(version_id(number), f"model-{number % MODELS}", number // MODELS + 1, digest_of(number))
    plan = PlanVersion("plan-1", "checks", 1, RESULT)
    run = Verification(f"run-{number}", plan, True, RESULT, RESULT, "evaluation", at, 1)
    claims = [Claim("person-0", "registrar", "person-0"), Claim("person-0", "trainer", "person-0")]
    in_office = {signer.id: signer.roles for signer in SIGNERS}
    return Circumstances(version, policy, [run], [PlanInForce(plan)], claims=claims, in_office=in_office)


async def _run(store: EventStore, handler: object) -> None:
    await store.run(handler, Metadata(actor="person-0", correlation=new_id()), None, action="bench")  # type: ignore[arg-type]


async def _execute(database: Database, sql: str, number: int, real: int) -> None:
    values = {"$number": str(number), "$real": str(real), "$role": database.service_role}
    for name, value in values.items():
        sql = sql.replace(name, value)
    for statement in filter(str.strip, sql.split(";")):
        await database.execute(f"set search_path = {SCHEMA}, pg_catalog; {statement}" if "vacuum" not in statement else _vacuum(statement))


def _vacuum(statement: str) -> str:
    return (
        statement.replace("sign_offs,", f"{SCHEMA}.sign_offs,")
        .replace(" approvals", f" {SCHEMA}.approvals")
        .replace(" known", f" {SCHEMA}.known")
    )
