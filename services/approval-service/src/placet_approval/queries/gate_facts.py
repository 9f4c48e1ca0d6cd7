"""Everything a gate decision is made from, read by one statement, which sees one snapshot (rule 17).

The statement's text depends on what the question names, so that each kind of question has a plan of its own, kept by the server.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.gate_facts import Candidate, GateFacts, GateQuestion, KnownSignOff
from placet_approval.domain.policy_terms import PolicyTerms, PolicyVersion, SignatureTerm
from placet_approval.domain.sign_off_binding import Binding, Change
from placet_approval.domain.sign_off_quorum import Approval, progress
from placet_approval.domain.subjects import GovernedVersion, Verification

__all__ = ["FactsStatement", "facts_of", "gather"]

# An answer to a deployment must not take longer because somebody registered the same bytes a thousand times; the newest version
# of each model comes first, so that they can't hide that another model has these bytes too.
FACTS = """
    with fitting as materialized (
        select version_id, model_id, number, artifact_sha256, registrars, trainers, data_preparers,
               row_number() over (partition by model_id order by registered_at desc, number desc) as place, registered_at
        from known_versions where {fits}
        order by place, registered_at desc, number desc
        limit 100
    )
    select
        exists (select from known_environments where name = $1) as environment_known,
        {model_id} as model_id,
        {named} as named,
        (select to_json(p) from (
            select policy_id, version, sha256, content from policies where environment = $1 order by version desc limit 1
        ) p) as policy,
        (select json_agg(f order by f.place, f.registered_at desc, f.number desc) from (
            select *, (
                select json_agg(r) from (
                    select distinct on (plan) run_id, plan, passed, result_sha256, finished_at
                    from known_runs where version_id = v.version_id and environment = $1
                    order by plan, finished_at desc, run_id desc
                ) r
            ) as runs, (
                select json_agg(s order by s.requested_at desc, s.sign_off_id desc) from (
                    select *, (
                        select json_agg(json_build_array(a.person_id, a.role)) from approvals a where a.sign_off_id = one.sign_off_id
                    ) as approvals
                    from sign_offs one where version_id = v.version_id and environment = $1
                ) s
            ) as sign_offs
            from fitting v
        ) f) as candidates
        {further}
"""
MODEL_ID = "(select model_id from known_models where model_id = {model} or name = {model} order by model_id = {model} desc limit 1)"
NAMED = "(select artifact_sha256 from known_versions where {fits} order by registered_at desc, number desc limit 1)"


@dataclass(frozen=True, slots=True)
class FactsStatement:
    """What is asked of the database for a question; `further` are columns of the caller's, which may use the arguments."""

    sql: str
    args: Sequence[Any]

    @classmethod
    def of(cls, question: GateQuestion, further: Sequence[str] = ()) -> "FactsStatement":
        """`$1` is the environment, `$2` the digest if there is one."""
        asked = {"digest": question.digest, "model": question.model, "number": question.number, "version_id": question.version_id}
        args = {name: value for name, value in asked.items() if value is not None}
        places = {name: f"${place}" for place, name in enumerate(args, 2)}
        model_id = MODEL_ID.format(model=places["model"]) if question.model else "null"
        fits = {
            "digest": f"artifact_sha256 = {places.get('digest')}",
            "model": f"model_id = {model_id}",
            "number": f"number = {places.get('number')}",
            "version_id": f"version_id = {places.get('version_id')}",
        }
        conditions = [fits[name] for name in args]
        named = question.digest and (question.version_id or (question.number and question.model))
        sql = FACTS.format(
            fits=" and ".join(conditions),
            model_id=model_id,
            named=NAMED.format(fits=" and ".join(conditions[1:])) if named else "null",
            further="".join(f", {column}" for column in further),
        )
        return cls(sql, (question.environment, *args.values()))


async def gather(connection: asyncpg.Connection, question: GateQuestion) -> GateFacts:
    """The facts about versions, runs, sign-offs and policy; troubles and positions are the barrier's to add."""
    statement = FactsStatement.of(question)
    return facts_of(await connection.fetchrow(statement.sql, *statement.args), question)


def facts_of(row: Mapping[str, Any], question: GateQuestion) -> GateFacts:
    """From the one row of the statement."""
    model_known = question.model is None or row["model_id"] is not None
    candidates = tuple(_candidate(one) for one in _json(row["candidates"]))
    return GateFacts(
        environment_known=row["environment_known"],
        model_known=model_known,
        candidates=candidates,
        mismatch=row["named"] if model_known and not candidates else None,
        policy=_policy(orjson.loads(row["policy"])) if row["policy"] else None,
    )


def _json(text: str | None) -> Iterable[Mapping[str, Any]]:
    return orjson.loads(text) if text else ()


def _policy(row: Mapping[str, Any]) -> PolicyVersion:
    return PolicyVersion(row["policy_id"], row["version"], row["sha256"], PolicyTerms.from_content(row["content"]))


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        GovernedVersion.from_row(row),
        tuple(Verification.from_row({**run, "finished_at": datetime.fromisoformat(run["finished_at"])}) for run in row["runs"] or ()),
        tuple(_known(sign_off) for sign_off in row["sign_offs"] or ()),
    )


def _known(row: Mapping[str, Any]) -> KnownSignOff:
    approvals = [Approval(person, role) for person, role in row["approvals"] or ()]
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
            policy=row["policy"],
            requester=row["requester_id"],
        ),
        progress=progress([SignatureTerm.from_content(term) for term in row["signatures"]], approvals),
        signers=tuple(approval.person_id for approval in approvals),
        expires_at=datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        invalidated=Change(**row["invalidated"]) if row["invalidated"] else None,
    )
