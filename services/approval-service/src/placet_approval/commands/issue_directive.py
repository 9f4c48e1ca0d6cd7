"""Issue directives for what runs without a yes, and close those that facts have resolved.

Called by a worker, at start, after a no, after other services' events were applied and at intervals: what was missed is caught up.
Idempotent: a directive is a stream of its deployment and sign-off. A directive that a later fact overtakes is closed by the next look.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from placet_approval.commands.governed_model import policy_of_bytes
from placet_approval.domain.directive import Directive, Resolution, RunsWithoutYes
from placet_shared.event_store import EventStore, Metadata, UnitOfWork, UseCase
from placet_shared.identifiers import new_id

__all__ = ["CloseDirective", "IssueDirective", "KeptDirective", "close_directive", "issue_directive", "keep_directives"]

SYSTEM = "system:approval"
# The number of concurrent commands, which the writer commits together.
TOGETHER = 64

# Without one, or with one of the same sign-off that is closed and about an earlier end.
DUE = """
    select deployment_id, model_id, version_id, environment, sha256, sign_off_id, because, ended_at from deployments_without_yes u
    where {scope} and not exists (
        select from directives x
        where x.deployment_id = u.deployment_id and x.sign_off_id is not distinct from u.sign_off_id
          and (x.how is null or (x.how <> 'approved_again' and (u.ended_at > x.issued_at) is not true)))
    order by deployment_id
"""
DUE_FOR_ALL = DUE.format(scope="true")
DUE_FOR_MODELS = DUE.format(scope="u.model_id = any ($1)")
DUE_FOR_ONE = DUE.format(scope="u.deployment_id = $1")
RESOLVED_BY_FACTS = """
    select x.directive_id, case when d.deployment_id <> x.deployment_id then 'replaced' when d.sha256 is null then 'ended'
                                else 'approved_again' end as how
    from directives x join known_deployments d on d.model_id = x.model_id and d.environment = x.environment
    where x.how is null and ($1::text is null or x.directive_id = $1)
      and not exists (select from marks where position < rebuild_until)
      and (d.deployment_id <> x.deployment_id or d.sha256 is null or (
        select coalesce(bool_or(y.because is null), false) from decision_about(d.sha256, d.environment, d.model_id, null) y
      ))
    order by x.directive_id
"""
# The newest version of the model with a yes in force.
ROLL_BACK_TO = """
    select s.version_id, s.artifact_sha256, s.sign_off_id from sign_offs s
    where s.environment = $1 and s.model_id = $2 and s.artifact_sha256 <> $3
      and s.state = 'approved' and s.expires_at > statement_timestamp()
      and exists (
        select from decision_about(s.artifact_sha256, s.environment, s.model_id, null) y
        where y.sign_off_id = s.sign_off_id and y.because is null)
    order by s.sign_off_id desc limit 1
"""


@dataclass(frozen=True, slots=True)
class IssueDirective:
    """The deployment to look at."""

    deployment_id: str


@dataclass(frozen=True, slots=True)
class CloseDirective:
    """The directive to look at."""

    directive_id: str


@dataclass(frozen=True, slots=True)
class KeptDirective:
    """Whether an event was written."""

    changed: bool


async def keep_directives(store: EventStore, models: Sequence[str] | None = None) -> None:
    """Close all that are resolved, and issue for these models, or for all; raises the first failure after the others were tried."""
    resolved = [CloseDirective(row["directive_id"]) for row in await store.pool.fetch(RESOLVED_BY_FACTS, None)]
    await _each(store, close_directive, resolved)
    rows = await (store.pool.fetch(DUE_FOR_ALL) if models is None else store.pool.fetch(DUE_FOR_MODELS, models))
    due = [IssueDirective(row["deployment_id"]) for row in rows]
    await _each(store, issue_directive, due)


async def issue_directive(command: IssueDirective, uow: UnitOfWork) -> KeptDirective:
    """By the policy of now; nothing where the deployment has a yes again, or its directive was issued before."""
    rows = await uow.fetch(DUE_FOR_ONE, command.deployment_id)
    if not rows:
        return KeptDirective(False)
    found = RunsWithoutYes(*rows[0])
    policy = await policy_of_bytes(uow, found.model_id, found.artifact_sha256, found.environment, check=False)
    kind = policy.terms.when_a_yes_ends if policy else "alert"
    before = await uow.load(Directive, Directive.key_of(found.deployment_id, found.sign_off_id))
    target = await uow.fetch(ROLL_BACK_TO, found.environment, found.model_id, found.artifact_sha256) if kind == "roll_back" else []
    directive = Directive.issue(before, found, kind, dict(target[0]) if target else None, await uow.now())
    if directive is None:
        return KeptDirective(False)
    uow.save(directive, subject=found.model_id)
    return KeptDirective(True)


async def close_directive(command: CloseDirective, uow: UnitOfWork) -> KeptDirective:
    """By what is known of its deployment at this moment."""
    directive = await uow.get(Directive, command.directive_id, what="directive")
    rows = await uow.fetch(RESOLVED_BY_FACTS, command.directive_id)
    if not rows:
        return KeptDirective(False)
    how: Resolution = rows[0]["how"]
    directive.close_by_facts(how, await uow.now())
    uow.save(directive, subject=directive.model_id)
    return KeptDirective(True)


async def _each(store: EventStore, use_case: UseCase[Any, Any], commands: Sequence[Any]) -> None:
    failed: BaseException | None = None
    for some in (commands[start : start + TOGETHER] for start in range(0, len(commands), TOGETHER)):
        running = [store.execute(use_case, one, metadata=Metadata(actor=SYSTEM, correlation=new_id())) for one in some]
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            failed = outcome if isinstance(outcome, BaseException) else failed
    if failed is not None:  # after the others: one that can't be issued must not hold up the rest
        raise failed
