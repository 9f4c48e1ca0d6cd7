"""The facts about a version and an environment, and the actor, for the commands that decide on them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import orjson

from placet_approval.commands.governed_model import governed_model
from placet_approval.commands.in_office import token_issuers
from placet_approval.commands.steps_of_bytes import steps_done
from placet_approval.domain.artifact_standing import ArtifactStanding, StandingNo
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.feedback import Issue
from placet_approval.domain.gate_facts import Candidate
from placet_approval.domain.involvement import Claim
from placet_approval.domain.known_sign_off import KnownSignOff
from placet_approval.domain.person import Person
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_quorum import Approval
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.subjects import GovernedVersion, PlanInForce, Verification
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound
from placet_shared.event_store import UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["around", "circumstances", "find_version", "in_office", "issues_on", "signer", "standing_noes", "with_issues"]

MOST_ISSUES = 50

VERSION = "select version_id, model_id, number, artifact_sha256 from known_versions where version_id = $1"
# A model may be named as another one's id: the id comes first, as for the gate.
VERSION_BY_NUMBER = """
    select version_id from known_versions
    where number = $2 and model_id = (
        select model_id from known_models where model_id = $1 or name = $1 order by model_id = $1 desc limit 1)
"""
ENVIRONMENT = "select 1 from known_environments where name = $1"
# Those for the version's model, and for every model that had a version of the same bytes before: bytes don't leave a plan under another
# name, and a later copy of them brings no plan with it. One that takes effect at once ends only sign-offs of the models that it selects.
PLANS = """
    select p.plan_id, p.name, version, sha256,
           coalesce(max(required_version) filter (where m.model_id = $1 and required_at_once(p, $3, m)), 0) as required_version
    from known_models m
    join known_plans p on lookup && plan_keys($3, m.model_id, m.name, m.tags)
                      and plan_fits(lookup, every_model, patterns, plan_keys($3, m.model_id, m.name, m.tags), m.name)
    where m.model_id = any (array(
        select o.model_id from known_versions v
        join known_versions o on o.artifact_sha256 = v.artifact_sha256
                              and (o.registered_at, o.version_id) <= (v.registered_at, v.version_id)
        where v.version_id = $2))
    group by p.plan_id, p.name, version, sha256 order by p.name
"""
# The newest of runs that repeat one another counts; those that sign-offs are bound to say what they are compared with.
RUNS = """
    select run_id, plan_id, plan, plan_version, plan_sha256, pins, compares, champion, passed, result_sha256,
           measured_sha256, finished_at, as_of
    from (
        select *, row_number() over (partition by plan_id, plan_version, pins order by as_of desc, run_id desc) as place
        from known_outcomes where version_id = $1 and environment = $2
    ) r
    where place = 1 or run_id = any (array(
        select b ->> 'run_id' from sign_offs s, jsonb_array_elements(s.evidence) b where s.version_id = $1 and s.environment = $2))
"""
CHAMPION = "select sha256 from known_deployments where model_id = $1 and environment = $2"
CLAIMS = "select person_id, part, claimed_by from known_involvements where artifact_sha256 = $1"
TRAINING_DATA = "select sha256 from known_training_data where artifact_sha256 = $1"
FINDINGS = "select run_id, plan, check_id from known_findings where run_id = any ($1) order by plan, check_id"
# The newest account of each issue on these bytes: one that was resolved in a later sign-off is not carried on.
ISSUES = """
    select distinct on (issue_id) s.sign_off_id, issue_id, issue
    from sign_offs s, jsonb_each(s.issues) i (issue_id, issue)
    where s.artifact_sha256 = $1 and s.environment = $2 and s.issues <> '{}'
    order by issue_id, s.requested_at desc, s.sign_off_id desc
"""
NOES = "select * from standing_noes where artifact_sha256 = $1 and environment = $2"


async def find_version(uow: UnitOfWork, model: str, number: int) -> str:
    """The id of a version by its model (id or name) and number; raises `NotFound`."""
    rows = await uow.fetch(VERSION_BY_NUMBER, model, number)
    if not rows:
        raise _no_version(f"{number} of {model}")
    found: str = rows[0]["version_id"]
    return found


async def circumstances(
    uow: UnitOfWork,
    version_id: str,
    environment: str,
    approvals: Collection[Approval] = (),
    others: Collection[str] = (),
    bound: KnownSignOff | None = None,
) -> Circumstances:
    """Version, runs and claims as this service knows them, and the policy that counts: that which `bound` rests on, where there is one,
    else what a request would be bound to. `others` are people whose roles matter too.

    Checked at append: the stream of the environment's policies, that of the artifact in the environment, that of its steps where the
    policy asks people for any, and those of the people who signed and of their delegations.
    """
    versions = await uow.fetch(VERSION, version_id)
    if not versions:
        raise _no_version(version_id)
    version = GovernedVersion.from_row(versions[0])
    uow.about(version.model_id)
    await _require_environment(uow, environment)
    policy = await _policy_that_counts(uow, version, environment, bound)
    standing, noes = await standing_noes(uow, version.artifact_sha256, environment)
    plans = await uow.fetch(PLANS, version.model_id, version_id, environment)
    deployed = await uow.fetch(CHAMPION, version.model_id, environment)
    claims = await uow.fetch(CLAIMS, version.artifact_sha256)
    return Circumstances(
        version,
        policy,
        runs=[Verification.from_row(row) for row in await uow.fetch(RUNS, version_id, environment)],
        plans=[PlanInForce.from_row(row) for row in plans],
        champion=deployed[0]["sha256"] if deployed else None,
        claims=[Claim(row["person_id"], row["part"], row["claimed_by"]) for row in claims],
        noes=noes,
        standing=standing.version if standing else 0,
        in_office=await in_office(uow, approvals, others),
        training_data=frozenset(row["sha256"] for row in await uow.fetch(TRAINING_DATA, version.artifact_sha256)),
        steps_done=await steps_done(uow, version.artifact_sha256, policy),
    )


async def with_issues(uow: UnitOfWork, now: Circumstances) -> Circumstances:
    """With the major issues on the bytes that no group has resolved, since withdrawing a sign-off and requesting another sheds none, and
    the advisory checks that were not met. Raises `Conflict` where they are too many for an event."""
    carried = await issues_on(uow, now)
    findings: Sequence[Mapping[str, str]] = ()
    if now.policy.terms.process.findings_held:
        not_met = await uow.fetch(FINDINGS, [run.run_id for run in now.fresh_runs])
        findings = [{"issue_id": new_id(), **dict(row)} for row in not_met]
    if len(carried) + len(findings) > MOST_ISSUES:
        raise Conflict(
            f"{len(carried)} major issues on these bytes are open from earlier sign-offs, {len(findings)} advisory checks were not met.",
            code="issues_open",
            resolve="Register a version that is better.",
        )
    return replace(now, carried_issues=carried, findings=findings)


async def issues_on(uow: UnitOfWork, now: Circumstances) -> Sequence[Mapping[str, str]]:
    """The major issues on the bytes that no group has resolved, as requests carry them on."""
    rows = await uow.fetch(ISSUES, now.version.artifact_sha256, now.policy.terms.environment)
    found = [(Issue.from_content(row["issue_id"], orjson.loads(row["issue"])), row["sign_off_id"]) for row in rows]
    return [issue.carried(issue.carried_from or origin) for issue, origin in found if issue.is_carried_on]


async def around(uow: UnitOfWork, sign_off: SignOff, *, anew: bool = False) -> Circumstances:
    """The same for a sign-off, with the people who have signed it or given feedback, and the policy that it is bound to; `anew`, for a
    round that begins, what a request would be bound to."""
    binding, answered = sign_off.binding, [one.person_id for one in sign_off.feedback]
    bound = None if anew else sign_off.known
    return await circumstances(uow, binding.version_id, binding.environment, sign_off.approvals, answered, bound)


async def _policy_that_counts(uow: UnitOfWork, version: GovernedVersion, environment: str, bound: KnownSignOff | None) -> PolicyVersion:
    policies = await uow.load(PolicySet, PolicySet.key_of(environment))
    governed = await governed_model(uow, version, environment, policies)
    found = Candidate(version, governed=governed, sign_offs=(bound,) if bound else ())
    found = found.governed_by(policies.in_force) if policies else found
    policy = found.bound or found.policy
    if policy is None:
        raise Conflict(
            f"No policy says what {environment} asks for.",
            code="no_policy",
            resolve="Have an admin define one: `placet apply -f policy.yaml`.",
        )
    return policy


async def standing_noes(uow: UnitOfWork, artifact_sha256: str, environment: str) -> tuple[ArtifactStanding | None, list[StandingNo]]:
    """Loads the artifact's stream, which is checked at append, before the noes: a no that is missed here has moved the stream."""
    standing = await uow.load(ArtifactStanding, ArtifactStanding.key_of(artifact_sha256, environment))
    return standing, [StandingNo.from_row(row) for row in await uow.fetch(NOES, artifact_sha256, environment)]


async def in_office(uow: UnitOfWork, approvals: Collection[Approval], others: Collection[str] = ()) -> Mapping[str, frozenset[str]]:
    """The roles that the people of these signatures, and the others, have at this moment, from their own streams; nothing for those who
    are not active.

    A delegation under which one was given stands beside them, by its id, with the roles of the delegator; nothing when it was ended.
    """
    people = sorted({*others, *(person for approval in approvals for person in approval.people)})
    found = await uow.load_many(Person, people) if people else []
    roles = {person.person_id: frozenset(person.roles) for person in found if person and person.active}
    ids = sorted({approval.delegation_id for approval in approvals if approval.delegation_id})
    delegations = await uow.load_many(Delegation, ids) if ids else []
    given = {one.delegation_id: roles.get(one.delegator_id, frozenset()) for one in delegations if one and not one.ended}
    return {**roles, **given}


async def signer(uow: UnitOfWork) -> Signer:
    """The actor. A person's roles come from the person's own stream, which is checked at append: a role that is revoked at the
    same moment no longer signs."""
    actor, issuers = uow.actor, await token_issuers(uow)
    if actor.kind != "person":
        return Signer(actor.id, "service_account", actor.roles, issuers)
    person = await uow.load(Person, actor.id)
    if person is None or not person.active:
        raise Forbidden("You are not known here as a person who may act.", code="person_unknown", resolve="Ask an admin to add you.")
    return Signer(actor.id, "person", frozenset(person.roles) & actor.roles, issuers)


async def _require_environment(uow: UnitOfWork, environment: str) -> None:
    if not await uow.fetch(ENVIRONMENT, environment):
        raise Invalid(
            f"There is no environment {environment}.",
            code="unknown_environment",
            resolve="Check its name, or have it defined in the registry.",
        )


def _no_version(which: str) -> NotFound:
    return NotFound(
        f"There is no version {which}.",
        code="version_not_found",
        resolve="Check the id. If it was registered a moment ago, send the `Placet-Position` you got then as `Placet-Seen`.",
    )
