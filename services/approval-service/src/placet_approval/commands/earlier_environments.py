"""The environments before, for commands: what an approval there rests on is read once more from its streams, which are checked at append.

A gate decision, a request and a signature are refused what is missing before, and none of them can be written beside a revocation, a no or
a policy that is written there at the same moment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from placet_approval.commands.circumstances import circumstances, in_office, standing_noes
from placet_approval.commands.governed_model import governed_model
from placet_approval.commands.steps_of_bytes import step_streams, steps_done
from placet_approval.domain.artifact_standing import ArtifactStanding
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.gate_facts import Candidate, DeployedSpan, EarlierEnvironment
from placet_approval.domain.person import Person
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.promotion import promotion_reasons
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import refuse_for
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_approval.domain.subjects import GovernedVersion
from placet_shared.aggregates import Aggregate
from placet_shared.event_store import UnitOfWork

__all__ = ["candidate_again", "earlier_again", "earlier_streams", "refuse_unpromoted"]

# Nearest first.
BEFORE = """
    select name from known_environments where place < (select place from known_environments where name = $1) order by place desc
"""
APPROVED = """
    select distinct version_id from (
        select version_id from sign_offs
        where artifact_sha256 = $1 and environment = $2 and model_id = $3 and state = 'approved' order by expires_at desc limit 20
    ) s
"""
SIGN_OFFS = "select sign_off_id from sign_offs where version_id = $1 and environment = $2 order by requested_at desc, sign_off_id desc"
DEPLOYED = """
    select d.reported_at, least(d.ended_at, (
        select a.reported_at from known_deployment_reports a
        where a.model_id = d.model_id and a.environment = d.environment and a.position > d.position
        order by a.position limit 1))
    from known_deployment_reports d
    where d.model_id = $1 and d.environment = $2 and d.sha256 = $3
    order by d.position
"""


async def refuse_unpromoted(uow: UnitOfWork, now: Circumstances) -> None:
    """Refuse what the gate would deny for the sake of the environments before."""
    if not now.policy.terms.previous_required:
        return
    names = [row["name"] for row in await uow.fetch(BEFORE, now.policy.terms.environment)]
    earlier = [await _read(uow, now.version, name) for name in names]
    refuse_for(*promotion_reasons(now.policy.terms, earlier, await uow.now()))


async def _read(uow: UnitOfWork, version: GovernedVersion, name: str) -> EarlierEnvironment:
    policies = await uow.load(PolicySet, PolicySet.key_of(name))
    governed = await governed_model(uow, version, name, policies)
    policy = policies.in_force.for_request(governed) if policies else None
    _, noes = await standing_noes(uow, version.artifact_sha256, name)
    approved = await uow.fetch(APPROVED, version.artifact_sha256, name, version.model_id) if policy else ()
    spans = await uow.fetch(DEPLOYED, version.model_id, name, version.artifact_sha256)
    return EarlierEnvironment(
        name,
        policy,
        tuple([await _approved(uow, row["version_id"], name) for row in approved]),
        tuple(noes),
        tuple(DeployedSpan(*span) for span in spans),
        governed,
    )


async def _approved(uow: UnitOfWork, version_id: str, environment: str) -> Candidate:
    here = await circumstances(uow, version_id, environment)
    candidate = Candidate(
        here.version,
        plans=tuple(here.plans),
        champion=here.champion,
        runs=tuple(here.runs),
        claims=tuple(here.claims),
        noes=tuple(here.noes),
        training_data=here.training_data,
        governed=await governed_model(uow, here.version, environment, await uow.load(PolicySet, PolicySet.key_of(environment))),
    )
    ids = [row["sign_off_id"] for row in await uow.fetch(SIGN_OFFS, version_id, environment)]
    return await _with_sign_offs(candidate, environment, ids, uow)


async def earlier_again(version: GovernedVersion, earlier: Sequence[EarlierEnvironment], uow: UnitOfWork) -> tuple[EarlierEnvironment, ...]:
    """Policies, noes and sign-offs as their streams have them; what was deployed is registry's and stays as it was read."""
    await uow.preload(*earlier_streams(version, earlier))
    return tuple([await _again(version, environment, uow) for environment in earlier])


def earlier_streams(version: GovernedVersion, earlier: Sequence[EarlierEnvironment]) -> Iterator[tuple[type[Aggregate], str]]:
    """What is most likely read, by the facts."""
    for environment in earlier:
        yield PolicySet, PolicySet.key_of(environment.name)
        yield ArtifactStanding, ArtifactStanding.key_of(version.artifact_sha256, environment.name)
        yield from step_streams(version.artifact_sha256, environment.policy)
        for one in environment.versions:
            yield from step_streams(version.artifact_sha256, one.policy, one.bound)
            yield SignOffSeries, SignOffSeries.key_of(one.version.version_id, environment.name)
            for known in one.sign_offs:
                yield SignOff, known.sign_off_id
                for person in known.signers:
                    yield Person, person
                for delegation in (approval.delegation_id for approval in known.approvals if approval.delegation_id):
                    yield Delegation, delegation


async def _again(version: GovernedVersion, environment: EarlierEnvironment, uow: UnitOfWork) -> EarlierEnvironment:
    policies = await uow.load(PolicySet, PolicySet.key_of(environment.name))
    _, noes = await standing_noes(uow, version.artifact_sha256, environment.name)
    versions = [await candidate_again(one, environment.name, uow) for one in environment.versions]
    return replace(
        environment,
        policy=policies.in_force.for_request(environment.governed) if policies and environment.governed else None,
        noes=tuple(noes),
        versions=tuple(replace(one, noes=tuple(noes)) for one in versions),
    )


async def candidate_again(candidate: Candidate, environment: str, uow: UnitOfWork) -> Candidate:
    """The version with its sign-offs and their signers as their streams have them."""
    return await _with_sign_offs(candidate, environment, [known.sign_off_id for known in candidate.sign_offs], uow)


async def _with_sign_offs(candidate: Candidate, environment: str, ids: list[str], uow: UnitOfWork) -> Candidate:
    """The series' stream shows a sign-off that was requested after these were read."""
    series = await uow.load(SignOffSeries, SignOffSeries.key_of(candidate.version.version_id, environment))
    if series is not None and series.latest not in ids:
        ids.insert(0, series.latest)
    streams = await uow.load_many(SignOff, ids)
    found = tuple(sign_off.known for sign_off in streams if sign_off is not None)
    approvals = [approval for known in found for approval in known.approvals]
    policies = await uow.load(PolicySet, PolicySet.key_of(environment))
    again = replace(candidate, sign_offs=found, in_office=await in_office(uow, approvals))
    if policies is None:
        return again
    again = again.governed_by(policies.in_force)
    done = await steps_done(uow, candidate.version.artifact_sha256, again.policy, again.bound, policies.in_force.own)
    return replace(again, steps_done=tuple(done))
