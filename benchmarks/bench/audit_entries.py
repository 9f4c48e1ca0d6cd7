"""A log to read: entries of 400 bytes, six in ten of which begin or end something."""

from bench.database import Database

__all__ = ["fill_log"]

FILL = """
    set search_path = {schema};
    insert into entries (index, logged_at, source, epoch, position, event_id, prev, stream, stream_version, type, schema_version, subject,
                         actor, correlation, recorded_at, data_sha256, data)
    select e.index, '2026-11-23Z'::timestamptz + e.index * interval '1 ms', 'registry', 1, e.index + 1, gen_random_uuid(),
           gen_random_uuid(), 'stream-' || e.index, 1, e.type, 1, e.model, 'person-' || e.index % 50, 'request-' || e.index,
           '2026-11-23Z'::timestamptz + e.index * interval '1 ms', sha256(e.data), e.data
    from (
        select i.index, i.type, i.model, convert_to(jsonb_set(i.fields, '{{note}}', to_jsonb(
                   repeat('x', greatest(0, 388 - length(i.fields::text))))) :: text, 'UTF8') as data
        from (
            select n as index, 'model-' || n % 1000 as model,
                   (array['VersionRegistered', 'DeploymentReported', 'DeploymentEnded', 'ApprovalGranted', 'SignOffApproved',
                          'SignOffRevoked', 'GateDecisionMade', 'GateDecisionMade', 'ModelTagged', 'ActionRefused'])[1 + n % 10] as type,
                   jsonb_build_object(
                       'model_id', 'model-' || n % 1000, 'version_id', 'version-' || n / 10, 'environment', 'prod', 'number', n / 10,
                       'deployment_id', 'deployment-' || n / 10, 'sha256', 'd', 'sign_off_id', 'sign-off-' || n / 10,
                       'person_id', 'person-' || n % 50, 'role', 'reviewer', 'artifact', jsonb_build_object('sha256', 'd'),
                       'artifact_sha256', 'd', 'expires_at', '2999-01-01T00:00:00Z'
                   ) as fields
            from generate_series(0, {events} - 1) n
        ) i
    ) e;
    update projection_marks set index = {events} - 1 where name = 'views';
    analyze entries;
"""


async def fill_log(database: Database, schema: str, events: int) -> None:
    """As if all of them had been logged and shown; what the views hold does not matter to a rebuild."""
    await database.execute(FILL.format(schema=schema, events=events))
