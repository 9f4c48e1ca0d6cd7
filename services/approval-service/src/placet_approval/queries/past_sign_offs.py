"""Past sign-offs of an environment, page by page, with what is known of the time at which each was decided.

One sign-off costs a few steps along indexes at any number of them. What a draft does not ask for is not read.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.feedback import Feedback
from placet_approval.domain.involvement import Claim
from placet_approval.domain.past_sign_off import EarlierPolicies, EarlierSpan, PastRun, PastSignOff
from placet_approval.domain.policy_terms import PolicyTerms, SignatureTerm
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.queries.policies_in_force import terms_in_force

__all__ = ["History", "history_of", "past_sign_off"]

A_PAGE = 1000
MOST_CLAIMS = 200
"""People with a part in the same bytes, by part, that are looked at for one sign-off."""
MOST_SPANS = 50
"""Runs of a version, approvals of the same bytes and deployments of them that are looked at for one sign-off, the newest."""

# The last signature is what approves, so its time is that of the approval; after that no signature is taken back.
PAGE = """
    select s.sign_off_id, s.model_id, s.state, s.requester_id, s.requested_at, s.expires_at, s.policy,
           s.signatures, s.feedback, d.at, d.approvals, {columns}
    from (
        select * from sign_offs where environment = $1 and sign_off_id < $2 and sign_off_id >= $3 order by sign_off_id desc limit $4
    ) s
    cross join lateral (
        select coalesce(max(granted_at), s.requested_at) as at,
               json_agg(json_build_array(person_id, role, on_behalf_of) order by granted_at) as approvals,
               array_agg(person_id) || array_agg(on_behalf_of) as people
        from approvals a where a.sign_off_id = s.sign_off_id
    ) d
    where $5::text[] is not null
    order by s.sign_off_id desc
"""
# Those about the signers and about trainers first: whatever else was claimed, what is asked of these is known.
CLAIMS = f"""(
    select json_agg(json_build_array(c.person_id, c.part, c.claimed_by))
    from (
        select i.person_id, i.part, min(i.claimed_by) as claimed_by from known_involvements i
        where i.artifact_sha256 = s.artifact_sha256 and i.claimed_at <= d.at
        group by i.person_id, i.part order by coalesce(i.person_id = any (d.people), false) desc, i.part = 'trainer' desc
        limit {MOST_CLAIMS}
    ) c
)"""
RUNS = f"""(
    select json_agg(json_build_array(r.plan, r.passed, r.finished_at, r.bound, r.dataset is not null and not exists (
        select from known_training_data t where t.artifact_sha256 = s.artifact_sha256 and t.sha256 = r.dataset and t.claimed_at <= d.at
    ), r.dataset is null))
    from (
        select distinct on (n.plan_id) n.plan, n.passed, n.finished_at, substring(n.pins from 'evaluation ([0-9a-f]{{64}})') as dataset,
               s.evidence @> jsonb_build_array(jsonb_build_object('plan_id', n.plan_id))
               or s.evidence @> jsonb_build_array(jsonb_build_object('run_id', n.run_id)) as bound
        from (
            select * from known_runs k where k.version_id = s.version_id and k.environment = s.environment and k.finished_at <= d.at
            order by k.finished_at desc limit {MOST_SPANS}
        ) n
        order by n.plan_id, n.finished_at desc
    ) r
)"""
FINDINGS = """(
    select count(*) from jsonb_to_recordset(s.evidence) b (run_id text) join known_findings f on f.run_id = b.run_id
)"""
# One that is suspended is in force until its last suspension; one that was resumed counts as if it had never been.
APPROVED_BEFORE = f"""(
    select json_agg(json_build_array(p.environment, p.since, least(p.expires_at, p.ended_at)))
    from (
        select e.environment, e.expires_at, (select max(a.granted_at) from approvals a where a.sign_off_id = e.sign_off_id) as since, (
            select max(t.acted_at) from sign_off_acts t
            where t.sign_off_id = e.sign_off_id and e.state = t.act and t.act in ('revoked', 'invalidated', 'suspended')
        ) as ended_at
        from sign_offs e
        where e.artifact_sha256 = s.artifact_sha256 and e.environment = any ($5) and e.model_id = s.model_id and e.expires_at is not null
        order by e.sign_off_id desc limit {MOST_SPANS}
    ) p where p.since is not null
)"""
DEPLOYED_BEFORE = f"""(
    select json_agg(json_build_array(r.environment, r.reported_at, least(r.ended_at, (
        select n.reported_at from known_deployment_reports n
        where n.model_id = r.model_id and n.environment = r.environment and n.position > r.position order by n.position limit 1))))
    from (
        select * from known_deployment_reports k
        where k.model_id = s.model_id and k.environment = any ($5) and k.sha256 = s.artifact_sha256
        order by k.position desc limit {MOST_SPANS}
    ) r
)"""
VERSIONS = "select policy_id, version, kind, content from policies where environment = $1"
EARLIER = """
    select e.name, (
        select json_agg(json_build_array(p.defined_at, jsonb_array_length(p.content -> 'signatures') > 0) order by p.version)
        from policies p where p.environment = e.name and p.name is null
    ) as asks
    from known_environments e where e.place < (select place from known_environments where name = $1) order by e.place desc
"""
NO_ID_YET = "g"  # comes after every id


@dataclass(frozen=True, slots=True)
class PastPolicies:
    """All versions of an environment's policies, by id and version: what a sign-off was bound to never changes."""

    versions: Mapping[tuple[str, int], tuple[str, Mapping[str, Any]]]
    known: dict[str, PolicyTerms | None] = field(default_factory=dict)

    def bound(self, policy: str) -> PolicyTerms | None:
        """The terms of a sign-off's policy, which is JSON, raised by what raised it; None where one of them is not known."""
        if policy not in self.known:
            reference = orjson.loads(policy)
            references = [reference, *reference.get("raised_by", ())]
            found = [self.versions.get((one["id"], one["version"])) for one in references]
            self.known[policy] = terms_in_force([one for one in found if one]) if all(found) else None
        return self.known[policy]


@dataclass(frozen=True, slots=True)
class History:
    """What does not change from one sign-off of an environment to the next; `earlier` are the environments before, nearest first, by what
    their own policies asked for."""

    pool: asyncpg.Pool
    environment: str
    policies: "PastPolicies"
    earlier: Sequence[EarlierPolicies]
    sql: str

    async def pages(self, since: datetime, most: int) -> AsyncIterator[Sequence[asyncpg.Record]]:
        """Rows for `past_sign_off`, the newest first, of at most so many that were first requested since then."""
        before, first, places = NO_ID_YET, _first_id(since), [one.environment for one in self.earlier]
        while most > 0:
            rows = await self.pool.fetch(self.sql, self.environment, before, first, min(A_PAGE, most), places)
            yield rows
            if len(rows) < A_PAGE:
                return
            before, most = rows[-1]["sign_off_id"], most - len(rows)


async def history_of(pool: asyncpg.Pool, draft: PolicyTerms) -> History:
    """The history of the draft's environment, as far as the draft asks for it."""
    versions = await pool.fetch(VERSIONS, draft.environment)
    policies = PastPolicies({(row["policy_id"], row["version"]): (row["kind"], orjson.loads(row["content"])) for row in versions})
    earlier = [_earlier(row) for row in await pool.fetch(EARLIER, draft.environment)]
    return History(pool, draft.environment, policies, earlier, PAGE.format(columns=", ".join(_columns(draft))))


def past_sign_off(row: Mapping[str, Any], policies: PastPolicies) -> PastSignOff:
    """From a row of `History.pages`."""
    return PastSignOff(
        sign_off_id=row["sign_off_id"],
        model_id=row["model_id"],
        state=row["state"],
        approved=row["expires_at"] is not None,
        requester=row["requester_id"],
        requested_at=row["requested_at"],
        at=row["at"],
        in_force_until=row["expires_at"],
        policy=policies.bound(row["policy"]),
        terms=[SignatureTerm.from_content(term) for term in orjson.loads(row["signatures"])],
        signatures=[Approval(person, role, on_behalf_of=other) for person, role, other in _json(row["approvals"])],
        answers=[Feedback.from_content(one) for one in orjson.loads(row["feedback"])],
        claims=[Claim(*claim) for claim in _json(row["claims"])],
        runs=[_run(*run) for run in _json(row["runs"])],
        findings=row["findings"],
        approvals_before=[_span(*span) for span in _json(row["approved_before"])],
        deployed_before=[_span(*span) for span in _json(row["deployed_before"])],
    )


def _columns(draft: PolicyTerms) -> Iterable[str]:
    wanted = {
        "claims": (CLAIMS, True),
        "runs": (RUNS, draft.verification is not None),
        "findings": (FINDINGS, draft.process.findings_held),
        "approved_before": (APPROVED_BEFORE, draft.previous_required),
        "deployed_before": (DEPLOYED_BEFORE, draft.previous_required and draft.soak is not None),
    }
    nothing = {"findings": "0"}
    return [f"{sql if asked else nothing.get(name, 'null')} as {name}" for name, (sql, asked) in wanted.items()]


def _first_id(since: datetime) -> str:
    """The least UUIDv7 of that time: a sign-off has its id from its first request."""
    digits = f"{max(int(since.timestamp() * 1000), 0):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _run(plan: str, passed: bool, finished_at: str, bound: bool, held_out: bool, unknown: bool) -> PastRun:
    return PastRun(plan, passed, datetime.fromisoformat(finished_at), bound, None if unknown else held_out)


def _span(environment: str, since: str, until: str | None) -> EarlierSpan:
    return EarlierSpan(environment, datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)


def _earlier(row: Mapping[str, Any]) -> EarlierPolicies:
    return EarlierPolicies(row["name"], [(datetime.fromisoformat(since), asks) for since, asks in _json(row["asks"])])


def _json(text: str | None) -> Any:
    return orjson.loads(text) if text else ()
