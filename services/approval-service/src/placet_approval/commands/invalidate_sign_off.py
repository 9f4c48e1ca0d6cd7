"""End sign-offs whose bound facts changed, by an event that says what changed from what to what; note claims about signers.

The gate sees such a change by itself and denies; this command only makes the change visible.
Called after a policy was defined, after a no, after a signer left office, after other services' events were applied, and at start.
Idempotent.
"""

import asyncio
from dataclasses import dataclass

from placet_approval.commands.circumstances import around
from placet_approval.commands.release_members import end_release_with
from placet_approval.domain.sign_off import SignOff
from placet_shared.event_store import EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["InvalidateSignOff", "InvalidatedSignOff", "invalidate_outdated", "invalidate_sign_off"]

SYSTEM = "system:approval"
# The number of concurrent commands, which the writer commits together.
TOGETHER = 64

# Candidates only: the sign-off itself decides whether something changed. While a restored source is being read again its facts are
# incomplete, and a missing fact is no change.
OUTDATED = """
    select s.sign_off_id
    from sign_offs s
    join known_versions v using (version_id)
    join known_environments e on e.name = s.environment
    join policies p on p.policy_id = s.policy ->> 'id' and p.version = (s.policy ->> 'version')::integer
    where s.state in ('pending', 'approved', 'suspended')
      and ($1::text is null or s.sign_off_id = $1)
      and not exists (select from marks where position < rebuild_until)
      and (v.artifact_sha256 <> s.artifact_sha256
           or exists (
               select from policies q
               where q.environment = s.environment and q.at_once and case
                   when q.policy_id = p.policy_id then p.version < q.version
                   else coalesce(
                       (select b.version < q.version from bound_versions(s.policy) b where b.policy_id = q.policy_id),
                       q.defined_at > s.requested_at - interval '1 minute' and q.policy_id in (
                           select f.policy_id from known_models m, policies_in_force(s.environment, m.model_id, m.name, m.tags, null) f
                           where m.model_id = s.model_id)) end)
           or exists (
               select from jsonb_to_recordset(s.evidence) b (run_id text, result_sha256 text)
               left join known_runs o on (o.run_id, o.result_sha256) = (b.run_id, b.result_sha256)
               left join lateral (
                   select r.measured_sha256 from known_outcomes r
                   where r.version_id = s.version_id and r.environment = s.environment
                     and (r.plan_id, r.plan_version, r.pins) = (o.plan_id, o.plan_version, o.pins)
                   order by r.as_of desc, r.run_id desc limit 1
               ) r on true
               where o.run_id is null or r.measured_sha256 is distinct from o.measured_sha256)
           or (s.state = 'pending' and (p.content #> '{evidence,verification}' <> 'null' or s.policy ? 'raised_by') and exists (
               select from jsonb_to_recordset(s.evidence) b (run_id text)
               join known_runs r on r.run_id = b.run_id and r.compares
               left join known_deployments d on d.model_id = s.model_id and d.environment = s.environment
               where r.champion is distinct from d.sha256))
           or ((p.content #> '{evidence,verification}' <> 'null' or s.policy ? 'raised_by') and exists (
               select from known_models m
               join known_plans k on k.required_version > 0 and k.lookup && plan_keys(s.environment, m.model_id, m.name, m.tags)
               where m.model_id = s.model_id and required_at_once(k, s.environment, m)
                 and plan_fits(k.lookup, k.every_model, k.patterns, plan_keys(s.environment, m.model_id, m.name, m.tags), m.name)
                 and not exists (
                     select from jsonb_to_recordset(s.evidence) b (plan_id text, version integer)
                     where b.plan_id = k.plan_id and b.version >= k.required_version)))
           or exists (
               select from approvals a
               join known_involvements i on i.person_id in (a.person_id, a.on_behalf_of) and i.artifact_sha256 = s.artifact_sha256
               where a.sign_off_id = s.sign_off_id and bound_excludes(s.policy) ? i.part
                 and not (s.contested || s.set_aside) @> jsonb_build_array(jsonb_build_object(
                     'person_id', i.person_id, 'because', i.part, 'claimed_by', i.claimed_by)))
           or (s.state = 'pending' and exists (
               select from standing_noes n
               where n.artifact_sha256 = s.artifact_sha256 and n.environment = s.environment
                 and n.kind <> 'suspended' and n.ordinal > coalesce(s.noes_answered, -1)))
           or (s.state <> 'pending' and ((p.content ->> 'signers_must_stay')::boolean or s.policy ? 'raised_by') and exists (
               select from approvals a
               left join people d using (person_id) left join people h on h.person_id = coalesce(a.on_behalf_of, a.person_id)
               where a.sign_off_id = s.sign_off_id and (d.active and h.active and a.role = any (h.roles)) is not true)))
    order by s.sign_off_id
"""


@dataclass(frozen=True, slots=True)
class InvalidateSignOff:
    """The sign-off to check."""

    sign_off_id: str


@dataclass(frozen=True, slots=True)
class InvalidatedSignOff:
    """Whether the sign-off was ended."""

    invalidated: bool


async def invalidate_outdated(store: EventStore, causation: str | None = None) -> list[str]:
    """Invalidate all that have to be; returns their ids. `causation` is the id of the event that led here."""

    async def look_at(sign_off_id: str) -> bool:
        metadata = Metadata(actor=SYSTEM, correlation=new_id(), causation=causation)
        return (await store.execute(invalidate_sign_off, InvalidateSignOff(sign_off_id), metadata=metadata)).invalidated

    ids: list[str] = [row["sign_off_id"] for row in await store.pool.fetch(OUTDATED, None)]
    ended: list[str] = []
    failed: BaseException | None = None
    for some in (ids[start : start + TOGETHER] for start in range(0, len(ids), TOGETHER)):
        for one, outcome in zip(some, await asyncio.gather(*map(look_at, some), return_exceptions=True), strict=True):
            if isinstance(outcome, BaseException):
                failed = outcome
            elif outcome:
                ended.append(one)
    if failed is not None:  # after the others: one that can't be ended must not keep them valid
        raise failed
    return ended


async def invalidate_sign_off(command: InvalidateSignOff, uow: UnitOfWork) -> InvalidatedSignOff:
    """Check one sign-off against the facts; the last check is needed since a source may have been found restored just before."""
    sign_off = await uow.get(SignOff, command.sign_off_id, what="sign-off")
    now = await around(uow, sign_off)
    ended = False
    if await uow.fetch(OUTDATED, command.sign_off_id):
        at = await uow.now()
        ended = sign_off.invalidate(now, at) is not None
        if not ended:
            sign_off.contest(now, at)
    await end_release_with(sign_off, uow)
    uow.save(sign_off, subject=sign_off.binding.model_id)
    return InvalidatedSignOff(ended)
