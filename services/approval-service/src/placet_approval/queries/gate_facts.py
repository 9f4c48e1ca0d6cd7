"""Everything a gate decision is made from, read by one statement, which sees one snapshot (rule 17).

The statement's text depends on what the question names, so that each kind of question has a plan of its own, kept by the server.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.artifact_standing import StandingNo
from placet_approval.domain.break_glass import Glass
from placet_approval.domain.conditions import Condition
from placet_approval.domain.debt_ledger import Debt
from placet_approval.domain.evidence import BoundEvidence
from placet_approval.domain.feedback import Feedback, Issue
from placet_approval.domain.gate_facts import Candidate, DeployedSpan, EarlierEnvironment, GateFacts, GateQuestion
from placet_approval.domain.involvement import Claim
from placet_approval.domain.known_sign_off import KnownSignOff, OfRelease
from placet_approval.domain.policies_in_force import GovernedModel, PoliciesInForce
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm
from placet_approval.domain.sign_off_binding import Binding, Change
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.step_completion import StepDone
from placet_approval.domain.subjects import GovernedVersion, PlanInForce, Verification
from placet_approval.queries.policies_in_force import POLICIES, policies_of_rows
from placet_shared.model_selectors import SelectableModel

__all__ = ["FactsStatement", "facts_of", "gather"]

# `any (array(…))` is answered from an index even where the server has no statistics yet, as after a restore.
# An answer to a deployment must not take longer because the same bytes were registered a thousand times; the newest version
# of each model comes first, so that they can't hide that another model has these bytes too.
FACTS = """
    with fitting as materialized (
        select version_id, model_id, number, artifact_sha256,
               row_number() over (partition by model_id order by registered_at desc, number desc) as place, registered_at
        from known_versions where {fits}
        order by place, registered_at desc, number desc
        limit 100
    )
    select
        exists (select from known_environments where name = $1) as environment_known,
        {model_id} as model_id,
        {named} as named,
        ({policies}) as policies,
        (select json_agg(json_build_array(i.artifact_sha256, i.person_id, i.part, i.claimed_by))
         from known_involvements i where i.artifact_sha256 = any (array(select f.artifact_sha256 from fitting f))) as claims,
        (select json_agg(json_build_array(t.artifact_sha256, t.sha256))
         from known_training_data t where t.artifact_sha256 = any (array(select f.artifact_sha256 from fitting f))) as training_data,
        (select json_agg(n) from standing_noes n
         where n.environment = $1 and n.artifact_sha256 = any (array(select f.artifact_sha256 from fitting f))) as noes,
        (select json_agg(c) from completed_steps c
         where c.environment = $1 and c.reopened_at is null
           and c.artifact_sha256 = any (array(select f.artifact_sha256 from fitting f))) as steps,
        (select json_agg(g) from break_glasses g
         where g.environment = $1 and g.closed_at is null and g.ends_at > statement_timestamp()
           and g.artifact_sha256 = any (array(select f.artifact_sha256 from fitting f))) as glasses,
        (select json_agg(d) from debts d
         where d.environment = $1 and d.settled_at is null
           and exists (
               select from fitting f
               where d.artifact_sha256 = f.artifact_sha256 or d.model_id = f.model_id or exists (
                   select from known_versions o
                   where o.artifact_sha256 = f.artifact_sha256 and o.model_id = d.model_id
                     and (o.registered_at, o.version_id) <= (f.registered_at, f.version_id)))) as debts,
        (select json_agg(f order by f.place, f.registered_at desc, f.number desc) from (
            select *, {of_candidate}, {before} as earlier, {mates} as mates
            from fitting v
        ) f) as candidates
        {further}
"""
# The columns of a version `v` in an environment.
OF_CANDIDATE = """(
                select json_agg(m) from (
                    select model_id, name, tags from known_models
                    where model_id = any (array({earlier}))
                    order by model_id <> v.model_id limit {most_models} + 1
                ) m
            ) as models, (
                select json_agg(p order by p.name) from (
                    select p.plan_id, p.name, version, sha256,
                           coalesce(max(required_version) filter (
                               where m.model_id = v.model_id and required_at_once(p, {environment}, m)), 0) as required_version
                    from known_models m
                    join known_plans p on lookup && plan_keys({environment}, m.model_id, m.name, m.tags)
                                      and plan_fits(lookup, every_model, patterns,
                                                    plan_keys({environment}, m.model_id, m.name, m.tags), m.name)
                    where m.model_id = any (array({earlier}))
                    group by p.plan_id, p.name, version, sha256
                ) p
            ) as plans, {approved_since} as approved_since, (
                select d.sha256 from known_deployments d where d.model_id = v.model_id and d.environment = {environment}
            ) as champion, (
                select json_agg(r) from (
                    select run_id, plan_id, plan, plan_version, plan_sha256, pins, compares, champion, passed, result_sha256,
           measured_sha256, finished_at, as_of
                    from (
                        select *, row_number() over (
                            partition by plan_id, plan_version, pins order by as_of desc, run_id desc) as place
                        from known_outcomes where version_id = v.version_id and environment = {environment}
                    ) r
                    where place = 1 or run_id = any (array(
                        select b ->> 'run_id' from sign_offs s, jsonb_array_elements(s.evidence) b
                        where s.version_id = v.version_id and s.environment = {environment}))
                ) r
            ) as runs, (
                select json_agg(s order by s.requested_at desc, s.sign_off_id desc) from (
                    select *, (
                        select json_agg(json_build_array(
                            a.person_id, a.role, case when h.active then h.roles end, a.on_behalf_of, a.delegation_id,
                            (select d.roles from people d where d.person_id = a.on_behalf_of and d.active),
                            (select true from delegations g where g.delegation_id = a.delegation_id and g.ended_at is null)))
                        from approvals a left join people h using (person_id) where a.sign_off_id = one.sign_off_id
                    ) as approvals
                    from sign_offs one where version_id = v.version_id and environment = {environment}
                ) s
            ) as sign_offs
"""
# Since when the model has an approval in force, where the version that counts depends on it.
APPROVED_SINCE = """case when exists (
                select from policies where environment = {environment} and in_question and takes_effect = 'at-renewal'
            ) then (
                select min(approved_at) from sign_offs
                where model_id = {model_id} and environment = {environment} and state = 'approved' and expires_at > statement_timestamp()
            ) end"""
# Models that had a version of the same bytes before, and its own.
EARLIER = """
    select o.model_id from known_versions o
    where o.artifact_sha256 = v.artifact_sha256 and (o.registered_at, o.version_id) <= (v.registered_at, v.version_id)
"""
# The environments before, nearest first, when the policy asks for them: their policies, the noes on the same bytes, the versions of the
# model that were approved there with these bytes, and when they ran there. Once for all versions of a model, which have the same bytes.
BEFORE = """(
            select json_agg(e order by e.place desc) from (
                select e.name, e.place, ({policies}) as policies, {approved_since} as approved_since, (
                    select json_agg(n) from standing_noes n where n.artifact_sha256 = bytes and n.environment = e.name
                ) as noes, (
                    select json_agg(c) from completed_steps c
                    where c.artifact_sha256 = bytes and c.environment = e.name and c.reopened_at is null
                ) as steps, (
                    select json_agg(json_build_array(d.reported_at, least(d.ended_at, (
                        select a.reported_at from known_deployment_reports a
                        where a.model_id = d.model_id and a.environment = d.environment and a.position > d.position
                        order by a.position limit 1))) order by d.position)
                    from known_deployment_reports d
                    where d.model_id = of_model and d.environment = e.name and d.sha256 = bytes
                ) as deployed, (
                    select json_agg(c) from (
                        select v.version_id, v.model_id, v.number, v.artifact_sha256, {of_candidate}
                        from known_versions v
                        where v.version_id = any (array(
                            select s.version_id from sign_offs s
                            where s.artifact_sha256 = bytes and s.environment = e.name and s.model_id = of_model and s.state = 'approved'
                            order by s.expires_at desc limit {most_approvals}))
                    ) c
                ) as versions
                from known_environments e
                cross join (select v.artifact_sha256 as bytes, v.model_id as of_model) b
                where v.place = 1 and e.place < (select k.place from known_environments k where k.name = {environment})
                  and exists (
                    select from policies p where p.environment = {environment} and p.content ->> 'previous_environment' = 'required')
            ) e
        )"""
# The other members of the release that the newest decision of people is part of, where that is an approval.
MATES = """(
            select json_agg(c) from (
                select v.version_id, v.model_id, v.number, v.artifact_sha256, (
                    select json_agg(json_build_array(i.person_id, i.part, i.claimed_by))
                    from known_involvements i where i.artifact_sha256 = v.artifact_sha256
                ) as claims, (
                    select json_agg(n) from standing_noes n where n.artifact_sha256 = v.artifact_sha256 and n.environment = {environment}
                ) as noes, {of_candidate}
                from (select v.version_id as asked) a
                cross join known_versions v
                where v.version_id <> a.asked and v.version_id = any (array(
                    select m.version_id from sign_offs m
                    where m.release_id = (
                        select case when s.state = 'approved' then s.release_id end from sign_offs s
                        where s.version_id = a.asked and s.environment = {environment}
                          and s.state not in ('pending', 'withdrawn', 'expired')
                          and not (s.state = 'rejected' and s.release_id is not null)
                          and not (s.state = 'invalidated' and s.expires_at is null)
                        order by s.requested_at desc, s.sign_off_id desc limit 1)))
            ) c
        )"""
# Those that fit, and the other members of their releases.
VERSIONS = """
    select f.version_id from fitting f
    union
    select m.version_id from fitting f
    join sign_offs s on s.version_id = f.version_id and s.environment = $1
    join sign_offs m on m.release_id = s.release_id
"""
VERSIONS_BEFORE = """
    select o.version_id from sign_offs o
    where o.artifact_sha256 = bytes and o.environment = e.name and o.model_id = of_model and o.state = 'approved'
"""
MOST_APPROVALS = 20
"""Approvals of the same bytes in an earlier environment that are looked at, those that last longest."""
MOST_MODELS = 100
"""Models with the same bytes that are looked at one by one: for the policies of each, and what is parked about them."""
MODEL_ID = "(select model_id from known_models where model_id = {model} or name = {model} order by model_id = {model} desc limit 1)"
NAMED = "(select artifact_sha256 from known_versions where {fits} order by registered_at desc, number desc limit 1)"


@dataclass(frozen=True, slots=True)
class FactsStatement:
    """The statement and arguments for a question; `further` are the caller's own columns, which may use the arguments."""

    sql: str
    args: Sequence[Any]

    @classmethod
    def of(cls, question: GateQuestion, further: Sequence[str] = ()) -> "FactsStatement":
        """`$1` is the environment, `$2` the digest if there is one."""
        asked = {"digest": question.digest, "model": question.model, "number": question.number, "version_id": question.version_id}
        args = {name: value for name, value in asked.items() if value is not None}
        return cls(_sql(tuple(args), tuple(further)), (question.environment, *args.values()))


@cache
def _sql(asked: Sequence[str], further: Sequence[str]) -> str:
    """One of a few texts: of what a question names, in this order, and of who asks."""
    places = {name: f"${place}" for place, name in enumerate(asked, 2)}
    model_id = MODEL_ID.format(model=places["model"]) if "model" in places else "null"
    fits = {
        "digest": f"artifact_sha256 = {places.get('digest')}",
        "model": f"model_id = {model_id}",
        "number": f"number = {places.get('number')}",
        "version_id": f"version_id = {places.get('version_id')}",
    }
    conditions = [fits[name] for name in asked]
    named = "digest" in places and ("version_id" in places or {"number", "model"} <= places.keys())
    return FACTS.format(
        fits=" and ".join(conditions),
        model_id=model_id,
        named=NAMED.format(fits=" and ".join(conditions[1:])) if named else "null",
        of_candidate=_of_candidate("$1"),
        policies=POLICIES.format(environment="$1", versions=VERSIONS),
        before=BEFORE.format(
            environment="$1",
            of_candidate=_of_candidate("e.name"),
            most_approvals=MOST_APPROVALS,
            policies=POLICIES.format(environment="e.name", versions=VERSIONS_BEFORE),
            approved_since=APPROVED_SINCE.format(environment="e.name", model_id="of_model"),
        ),
        mates=MATES.format(environment="$1", of_candidate=_of_candidate("$1")),
        further="".join(f", {column}" for column in further),
    )


def _of_candidate(environment: str) -> str:
    """The environment as SQL."""
    since = APPROVED_SINCE.format(environment=environment, model_id="v.model_id")
    return OF_CANDIDATE.format(environment=environment, earlier=EARLIER, most_models=MOST_MODELS, approved_since=since)


async def gather(connection: asyncpg.Connection, question: GateQuestion) -> GateFacts:
    """The facts about versions, runs, sign-offs and policy; the barrier adds errors and positions."""
    statement = FactsStatement.of(question)
    return facts_of(await connection.fetchrow(statement.sql, *statement.args), question)


def facts_of(row: Mapping[str, Any], question: GateQuestion) -> GateFacts:
    """From the one row of the statement."""
    model_known = question.model is None or row["model_id"] is not None
    claims: dict[str, list[Claim]] = defaultdict(list)
    for digest, *claim in _json(row["claims"]):
        claims[digest].append(Claim(*claim))
    training_data: dict[str, set[str]] = defaultdict(set)
    for digest, sha256 in _json(row["training_data"]):
        training_data[digest].add(sha256)
    noes: dict[str, list[StandingNo]] = defaultdict(list)
    for no in _json(row["noes"]):
        noes[no["artifact_sha256"]].append(StandingNo.from_row(no))
    steps: dict[str, list[StepDone]] = defaultdict(list)
    for step in _json(row["steps"]):
        steps[step["artifact_sha256"]].append(_done(step))
    policies = policies_of_rows(_json(row["policies"]))
    found = [_candidate(one, claims, noes, policies) for one in _json(row["candidates"])]
    earlier = {candidate.version.model_id: candidate.earlier for candidate in reversed(found)}  # the first of each model has them
    candidates = tuple(
        replace(
            candidate,
            training_data=frozenset(training_data[candidate.version.artifact_sha256]),
            steps_done=tuple(steps[candidate.version.artifact_sha256]),
            glasses=tuple(_glass(glass) for glass in _json(row["glasses"])),
            debts=tuple(_debt(debt) for debt in _json(row["debts"])),
            earlier=earlier[candidate.version.model_id],
        )
        for candidate in found
    )
    return GateFacts(
        environment_known=row["environment_known"],
        model_known=model_known,
        candidates=candidates,
        mismatch=row["named"] if model_known and not candidates else None,
        policy=policies.own,
    )


def _json(text: str | None) -> Iterable[Any]:
    return orjson.loads(text) if text else ()


def _candidate(
    row: Mapping[str, Any],
    claims: Mapping[str, Sequence[Claim]],
    noes: Mapping[str, Sequence[StandingNo]],
    policies: PoliciesInForce,
) -> Candidate:
    version = GovernedVersion.from_row(row)
    sign_offs = row["sign_offs"] or ()
    signed = [approval for sign_off in sign_offs for approval in sign_off["approvals"] or ()]
    models = [SelectableModel(model["model_id"], model["name"], model["tags"]) for model in row["models"] or ()]
    candidate = Candidate(
        version,
        models=tuple(models) if len(models) <= MOST_MODELS else None,
        plans=tuple(PlanInForce.from_row(plan) for plan in row["plans"] or ()),
        champion=row["champion"],
        runs=tuple(Verification.from_row({**run, "finished_at": datetime.fromisoformat(run["finished_at"])}) for run in row["runs"] or ()),
        sign_offs=tuple(_known(sign_off) for sign_off in sign_offs),
        claims=tuple(claims[version.artifact_sha256]),
        noes=tuple(noes[version.artifact_sha256]),
        in_office=_in_office(signed),
        earlier=tuple(_earlier(one, version, models, claims[version.artifact_sha256]) for one in row.get("earlier") or ()),
        mates=tuple(_mate(one, policies) for one in row.get("mates") or ()),
        governed=_governed(version, models, row["approved_since"]),
    )
    return candidate.governed_by(policies)


def _mate(row: Mapping[str, Any], policies: PoliciesInForce) -> Candidate:
    """From its JSON, which has the claims and noes on its own bytes."""
    claims = [Claim(*claim) for claim in row["claims"] or ()]
    noes = [StandingNo.from_row(no) for no in row["noes"] or ()]
    return _candidate(row, defaultdict(lambda: claims), defaultdict(lambda: noes), policies)


def _governed(version: GovernedVersion, models: Sequence[SelectableModel], approved_since: str | None) -> GovernedModel:
    since = datetime.fromisoformat(approved_since) if approved_since else None
    return GovernedModel.among(version.model_id, models, MOST_MODELS, since)


def _earlier(
    row: Mapping[str, Any], version: GovernedVersion, models: Sequence[SelectableModel], claims: Sequence[Claim]
) -> EarlierEnvironment:
    """From its JSON; `models` and `claims` are about the bytes."""
    policies, governed = policies_of_rows(row["policies"] or ()), _governed(version, models, row["approved_since"])
    noes = [StandingNo.from_row(no) for no in row["noes"] or ()]
    versions = [_candidate(one, defaultdict(lambda: claims), defaultdict(lambda: noes), policies) for one in row["versions"] or ()]
    done = tuple(_done(one) for one in row["steps"] or ())
    spans = [(datetime.fromisoformat(since), until and datetime.fromisoformat(until)) for since, until in row["deployed"] or ()]
    return EarlierEnvironment(
        row["name"],
        policies.for_request(governed),
        tuple(replace(version, steps_done=done) for version in versions),
        tuple(noes),
        tuple(DeployedSpan(*span) for span in spans),
        governed,
    )


def _in_office(signed: Iterable[Sequence[Any]]) -> Mapping[str, frozenset[str]]:
    """As the command reads it from streams: people who are active, and delegations that were not ended."""
    offices: dict[str, frozenset[str]] = {}
    for person, _, roles, other, delegation, roles_of_other, stands in signed:
        if roles is not None:
            offices[person] = frozenset(roles)
        if other is not None and roles_of_other is not None:
            offices[other] = frozenset(roles_of_other)
        if delegation is not None and stands:
            offices[delegation] = frozenset(roles_of_other or ())
    return offices


def _done(row: Mapping[str, Any]) -> StepDone:
    at = datetime.fromisoformat(row["completed_at"])
    return StepDone(row["model_id"], row["step"], row["role"], row["person_id"], at, tuple(row["token_issuers"]))


def _glass(row: Mapping[str, Any]) -> Glass:
    ends_at = datetime.fromisoformat(row["ends_at"])
    return Glass(row["glass_id"], row["debt_id"], row["model_id"], row["artifact_sha256"], ends_at)


def _debt(row: Mapping[str, Any]) -> Debt:
    terms = tuple(SignatureTerm.from_content(term) for term in row["signatures"])
    by = (row["opened_by"], tuple(row["token_issuers"]))
    return Debt(row["debt_id"], row["glass_id"], row["model_id"], row["artifact_sha256"], *by, terms)


def _known(row: Mapping[str, Any]) -> KnownSignOff:
    return KnownSignOff(
        sign_off_id=row["sign_off_id"],
        state=row["state"],
        binding=Binding(
            model_id=row["model_id"],
            version_id=row["version_id"],
            environment=row["environment"],
            artifact_sha256=row["artifact_sha256"],
            evidence=tuple(BoundEvidence.from_content(one) for one in row["evidence"]),
            policy=row["policy"],
            requester=row["requester_id"],
        ),
        terms=tuple(SignatureTerm.from_content(term) for term in row["signatures"]),
        approvals=tuple(
            Approval(person, role, on_behalf_of=other, delegation_id=delegation)
            for person, role, _, other, delegation, *_ in row["approvals"] or ()
        ),
        requested_at=datetime.fromisoformat(row["requested_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None,
        noes_answered=row["noes_answered"],
        set_aside=frozenset(Claim.from_content(claim) for claim in row["set_aside"]),
        invalidated=Change(**row["invalidated"]) if row["invalidated"] else None,
        round=row["round"],
        feedback_terms=tuple(FeedbackTerm.from_content(term) for term in row["feedback_terms"]),
        in_sequence=row["in_sequence"],
        feedback=tuple(Feedback.from_content(one) for one in row["feedback"]),
        issues=tuple(Issue.from_content(issue_id, one) for issue_id, one in row["issues"].items()),
        conditions=tuple(Condition.from_content(condition_id, one) for condition_id, one in row["conditions"].items()),
        changes_requested=row["changes_requested"],
        ends_at=datetime.fromisoformat(row["ends_at"]) if row["ends_at"] else None,
        release=OfRelease(row["release_id"], row["release_members"]) if row["release_id"] else None,
    )
