"""approval-service with a past: sign-offs for prod by two people each, on evidence, after an approval and a deployment in test."""

import asyncpg

from bench.database import Database
from placet_approval.bootstrap import MIGRATIONS

__all__ = ["SCHEMA", "fill_past"]

SCHEMA = "approval"
# Ids of UUIDv7's form, one for each minute back from now.
AT = "now() - n * interval '1 minute'"
ID = "(lpad(to_hex((extract(epoch from {at}) * 1000)::bigint), 12, '0') || '-7000-8000-00000000000{kind}')"
SIGN_OFF_ID = "overlay({id} placing '-' from 9 for 0)"
ROWS = f"""
    insert into people select 'person-' || n, array[case n % 2 when 0 then 'reviewer' else 'risk-officer' end], true, 1, now(), now(), null
    from generate_series(1, 20) n;
    insert into people_names select person_id, person_id, person_id, null from people;
    insert into known_environments values ('test', 1), ('prod', 2);
    insert into policies select e, 1, 'policy-' || e, '00', 'prevent', jsonb_build_object(
        'environment', e, 'mode', 'prevent', 'signatures', '[{{"any_of": ["reviewer"], "count": 1}}]'::jsonb,
        'evidence', '{{"verification": null}}'::jsonb, 'separation_of_duties', '{{"exclude": ["requester"]}}'::jsonb,
        'expires_after_seconds', 7776000, 'rationale', 'required'), 'system', now() - interval '10 years'
    from unnest(array['test', 'prod']) e;
    insert into known_models (model_id, name) select 'model-' || n, 'name-' || n from generate_series(0, 999) n;
    insert into known_versions
    select 'version-' || n, 'model-' || n % 1000, n / 1000 + 1, encode(sha256(n::text::bytea), 'hex'), {AT}
    from generate_series(1, $number) n;
    insert into known_involvements
    select v.artifact_sha256, 'person-1', part, 'person-1', v.version_id, v.registered_at - interval '1 day'
    from known_versions v, unnest(array['registrar', 'trainer']) part;
    insert into known_runs (run_id, version_id, environment, plan_id, plan, plan_version, plan_sha256, pins, compares, passed,
                            result_sha256, measured_sha256, finished_at)
    select 'run-' || n, 'version-' || n, 'prod', 'plan-1', 'checks', 1, '00', 'evaluation ' || repeat('e', 64), false, n % 50 > 0,
           repeat('0', 64), repeat('0', 64), {AT} - (n % 40) * interval '1 day'
    from generate_series(1, $number) n;
    insert into known_deployment_reports
    select 'deployment-' || n, 'model-' || n % 1000, 'test', 'version-' || n, encode(sha256(n::text::bytea), 'hex'), $number - n,
           {AT} - (n % 5) * interval '1 day'
    from generate_series(1, $number) n;
    insert into sign_offs (sign_off_id, model_id, version_id, environment, state, artifact_sha256, evidence, policy, signatures, excluded,
                           requester_id, requested_at, changed_at, stream_version, expires_at)
    select {SIGN_OFF_ID.format(id=ID.format(at=AT, kind="' || k || '"))}, 'model-' || n % 1000, 'version-' || n, e, 'approved',
           encode(sha256(n::text::bytea), 'hex'), jsonb_build_array(jsonb_build_object('plan_id', 'plan-1', 'run_id', 'run-' || n)),
           jsonb_build_object('id', 'policy-' || e, 'version', 1, 'sha256', '00'), '[{{"any_of": ["reviewer"], "count": 1}}]', '[]',
           'person-3', {AT}, {AT}, 3, {AT} + interval '90 days'
    from generate_series(1, $number) n, (values ('test', 1), ('prod', 2)) place (e, k);
    insert into approvals
    select s.sign_off_id, person, role, s.requested_at + hours * interval '1 hour'
    from sign_offs s, (values ('person-2', 'reviewer', 1), ('person-5', 'risk-officer', 2)) a (person, role, hours)
    where s.environment = 'prod' or hours = 1;
    insert into sign_off_acts (sign_off_id, stream_version, act, actor_id, token_issuers, acted_at)
    select sign_off_id, 1, 'requested', requester_id, '{{}}', requested_at from sign_offs;
"""


async def fill_past(database: Database, decisions: int) -> None:
    """So many approvals for prod and as many for test, with all that a replay reads."""
    await database.migrate(SCHEMA, MIGRATIONS)
    connection = await asyncpg.connect(database.superuser_url, server_settings={"search_path": f"{SCHEMA}, pg_catalog"})
    try:
        await connection.execute(ROWS.replace("$number", str(decisions)))
        await connection.execute("vacuum (analyze)")
    finally:
        await connection.close()
