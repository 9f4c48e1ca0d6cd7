"""Everything a gate decision is made from; the caller opens the snapshot (REPEATABLE READ) in which it is read (rule 17)."""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion, KnownSignOff
from placet_approval.domain.policy_terms import PolicyTerms, PolicyVersion, SignatureTerm
from placet_approval.domain.sign_off_binding import Binding, Change
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.subjects import GovernedVersion, Verification

__all__ = ["gather"]

ENVIRONMENT_KNOWN = "select exists (select from known_environments where name = $1)"
MODEL_ID = "select model_id from known_models where model_id = $1 or name = $1 order by model_id = $1 desc"
CURRENT_POLICY = "select policy_id, version, sha256, content from current_policies where environment = $1"
# An answer to a deployment must not take longer because somebody registered the same bytes a thousand times; the newest version
# of each model comes first, so that they can't hide that another model has these bytes too.
CANDIDATES = """
    select version_id, model_id, number, artifact_sha256, registrars, trainers, data_preparers
    from known_versions
    where ($1::text is null or artifact_sha256 = $1) and ($2::text is null or model_id = $2)
      and ($3::integer is null or number = $3) and ($4::text is null or version_id = $4)
    order by row_number() over (partition by model_id order by registered_at desc, number desc), registered_at desc, number desc
    limit 100
"""
RUNS = """
    select distinct on (version_id, plan) version_id, run_id, plan, passed, result_sha256, finished_at
    from known_runs where version_id = any ($1) and environment = $2
    order by version_id, plan, finished_at desc, run_id desc
"""
SIGN_OFFS = """
    select s.*, coalesce(
        (select jsonb_agg(jsonb_build_array(a.person_id, a.role)) from approvals a where a.sign_off_id = s.sign_off_id), '[]'
    ) as approvals
    from sign_offs s where s.version_id = any ($1) and s.environment = $2
    order by s.requested_at desc, s.sign_off_id desc
"""


async def gather(connection: asyncpg.Connection, question: GateQuestion) -> GateFacts:
    """The facts about versions, runs, sign-offs and policy; troubles and positions are the barrier's to add."""
    model_id = await connection.fetchval(MODEL_ID, question.model) if question.model else None
    model_known = question.model is None or model_id is not None
    versions = await _versions(connection, question.digest, model_id, question) if model_known else []
    return GateFacts(
        environment_known=await connection.fetchval(ENVIRONMENT_KNOWN, question.environment),
        model_known=model_known,
        candidates=await _candidates(connection, versions, question.environment),
        mismatch=await _mismatch(connection, model_id, question) if model_known and not versions else None,
        policy=await _policy(connection, question.environment),
    )


async def _versions(
    connection: asyncpg.Connection, digest: str | None, model_id: str | None, question: GateQuestion
) -> list[GovernedVersion]:
    rows = await connection.fetch(CANDIDATES, digest, model_id, question.number, question.version_id)
    return [GovernedVersion.from_row(row) for row in rows]


async def _mismatch(connection: asyncpg.Connection, model_id: str | None, question: GateQuestion) -> str | None:
    """The digest of the version that was named, when another one was asked about."""
    if question.digest is None or not (question.version_id or (question.number and model_id)):
        return None
    named = await _versions(connection, None, model_id, question)
    return named[0].artifact_sha256 if named else None


async def _candidates(connection: asyncpg.Connection, versions: list[GovernedVersion], environment: str) -> tuple[Candidate, ...]:
    ids = [version.version_id for version in versions]
    runs = _by_version(await connection.fetch(RUNS, ids, environment))
    sign_offs = _by_version(await connection.fetch(SIGN_OFFS, ids, environment))
    return tuple(
        Candidate(
            version,
            tuple(Verification.from_row(row) for row in runs.get(version.version_id, ())),
            tuple(_known(row) for row in sign_offs.get(version.version_id, ())),
        )
        for version in versions
    )


def _by_version(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["version_id"], []).append(row)
    return found


async def _policy(connection: asyncpg.Connection, environment: str) -> PolicyVersion | None:
    row = await connection.fetchrow(CURRENT_POLICY, environment)
    if row is None:
        return None
    return PolicyVersion(row["policy_id"], row["version"], row["sha256"], PolicyTerms.from_content(orjson.loads(row["content"])))


def _known(row: Mapping[str, Any]) -> KnownSignOff:
    approvals = [Approval(person, role) for person, role in orjson.loads(row["approvals"])]
    invalidated = orjson.loads(row["invalidated"]) if row["invalidated"] else None
    return KnownSignOff(
        sign_off_id=row["sign_off_id"],
        state=row["state"],
        binding=Binding(
            model_id=row["model_id"],
            version_id=row["version_id"],
            environment=row["environment"],
            artifact_sha256=row["artifact_sha256"],
            run_id=row["run_id"],
            result_sha256=row["result_sha256"],
            policy=orjson.loads(row["policy"]),
            requester=row["requester_id"],
        ),
        progress=progress([SignatureTerm.from_content(term) for term in orjson.loads(row["signatures"])], approvals),
        signers=tuple(approval.person_id for approval in approvals),
        expires_at=row["expires_at"],
        invalidated=Change(**invalidated) if invalidated else None,
    )
