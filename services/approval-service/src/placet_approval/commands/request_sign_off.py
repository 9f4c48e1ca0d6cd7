"""Request a sign-off of a version for an environment; one at a time can be open.

1. The version, its evidence and the policy are looked up; what would make the gate deny later is refused now.
2. The series of this version and environment: its latest sign-off must be closed, and its stream is checked at append.
3. The new sign-off and its place in the series are appended together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from placet_approval.commands.circumstances import circumstances, find_version, with_issues
from placet_approval.commands.earlier_environments import refuse_unpromoted
from placet_approval.commands.in_office import token_issuers
from placet_approval.domain.involvement import excluded_people
from placet_approval.domain.known_sign_off import SignOffState
from placet_approval.domain.parked_plans import PLAN, is_about, may_concern
from placet_approval.domain.quorum_while_absent import absence_obstacle
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_approval.domain.subjects import GovernedVersion
from placet_approval.ports import FindSigners
from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict, Unavailable
from placet_shared.event_store import UnitOfWork
from placet_shared.model_selectors import SelectableModel

__all__ = ["RequestSignOff", "RequestedSignOff", "absence_obstacles", "opened_sign_off", "refuse_unprocessed", "request_sign_off"]

# `mentions`: the parked event names these bytes, for any model.
PARKED = """
    select source, s as subject, case when type like 'Plan%' then convert_from(event, 'UTF8') end as plan_event,
           position(convert_to($1, 'UTF8') in event) > 0 as mentions
    from parked_events p, unnest(p.subjects) s
"""
MODELS = """
    select model_id, name, tags from known_models
    where model_id = any (array(
        select o.model_id from known_versions v
        join known_versions o on o.artifact_sha256 = v.artifact_sha256
                              and (o.registered_at, o.version_id) <= (v.registered_at, v.version_id)
        where v.version_id = $1))
"""


@dataclass(frozen=True, slots=True)
class RequestSignOff:
    """`version_id`, or `model` (id or name) and `number`."""

    sign_off_id: str
    environment: str
    version_id: str | None
    model: str | None
    number: int | None
    rationale: str | None


@dataclass(frozen=True, slots=True)
class RequestedSignOff:
    """The sign-off that is open now, who must sign it, the noes that it answers, and what keeps it from being completed; as plain JSON."""

    id: str
    state: SignOffState
    model_id: str
    version_id: str
    environment: str
    missing: Sequence[Mapping[str, Any]]
    earlier_noes: Sequence[Mapping[str, Any]]
    obstacles: Sequence[Mapping[str, Any]]
    revision: int


@allowed(Roles.DEVELOPER, Roles.ADMIN)
async def request_sign_off(command: RequestSignOff, uow: UnitOfWork, find_signers: FindSigners) -> RequestedSignOff:
    """Raises `NotFound`, `Invalid`, `Unavailable`, and `Conflict` when one is open.

    The caller has waited until everything committed anywhere before the request has arrived (rule 16): evidence must be by the plan
    that is in force.
    """
    sign_off, now = await opened_sign_off(command, uow)
    uow.save(sign_off, subject=now.version.model_id)
    return RequestedSignOff(
        id=sign_off.key,
        state=sign_off.state,
        model_id=now.version.model_id,
        version_id=now.version.version_id,
        environment=command.environment,
        missing=[term.content() for term in sign_off.terms],
        earlier_noes=sign_off.earlier_noes,
        obstacles=await absence_obstacles(uow, now, find_signers),
        revision=sign_off.version,
    )


async def opened_sign_off(command: RequestSignOff, uow: UnitOfWork) -> tuple[SignOff, Circumstances]:
    """The new sign-off, which the caller saves, and what it was requested on."""
    version_id = command.version_id or await find_version(uow, command.model or "", command.number or 0)
    now = await circumstances(uow, version_id, command.environment)  # 1
    now = await with_issues(uow, now)
    await refuse_unprocessed(uow, now.version, command.environment)
    at = await uow.now()
    series = await _series(uow, version_id, command.environment)  # 2
    rationale = uow.text(command.rationale, kind="rationale", subject=now.version.model_id) if command.rationale else None
    sign_off = SignOff.request(command.sign_off_id, uow.actor.id, now, rationale, at, await token_issuers(uow))
    await refuse_unpromoted(uow, now)
    if series is None:
        series = SignOffSeries.start(command.sign_off_id, version_id, command.environment, at)
    else:
        series.go_on(command.sign_off_id, version_id, command.environment, at)
    uow.save(series, subject=now.version.model_id)  # 3
    return sign_off, now


async def absence_obstacles(uow: UnitOfWork, now: Circumstances, find_signers: FindSigners) -> Sequence[Mapping[str, Any]]:
    """People who are absent, so that it can't be completed before they are back; it may be requested all the same."""
    terms = now.policy.terms
    out = excluded_people(uow.actor.id, now.claims, terms.excludes)
    found = absence_obstacle(terms.signatures, await find_signers(uow, terms.signing_roles, terms.environment, list(out)))
    return [asdict(found)] if found else []


async def refuse_unprocessed(uow: UnitOfWork, version: GovernedVersion, environment: str) -> None:
    """A plan, a tag or a claim that arrived and could not be applied might forbid what is asked for."""
    parked = await uow.fetch(PARKED, version.artifact_sha256)
    if not parked:
        return
    same_bytes = await uow.fetch(MODELS, version.version_id)
    models = [SelectableModel(row["model_id"], row["name"], orjson.loads(row["tags"])) for row in same_bytes]
    for row in parked:
        if row["subject"].startswith(PLAN):
            concerned = may_concern(row["plan_event"] or "", environment, models)
        else:
            concerned = row["mentions"] or is_about(row["subject"], models)
        if concerned:
            raise Unavailable(
                f"An event of {row['source']} that this request depends on could not be processed and is parked.",
                code="unprocessed_event",
            )


async def _series(uow: UnitOfWork, version_id: str, environment: str) -> SignOffSeries | None:
    series = await uow.load(SignOffSeries, SignOffSeries.key_of(version_id, environment))
    latest = await uow.load(SignOff, series.latest) if series else None
    if latest is not None and latest.state == "suspended":
        raise Conflict(
            f"The sign-off of this version for {environment} is suspended, and another one would pass it over.",
            code="sign_off_suspended",
            resolve="Have it go on, `placet signoff resume ID`, or revoked, before you request another.",
            sign_off_id=latest.key,
        )
    if latest is not None and latest.state == "pending":
        raise Conflict(
            f"A sign-off of this version for {environment} is open already.",
            code="sign_off_open",
            resolve="Have it signed, or withdraw it before you request another.",
            sign_off_id=latest.key,
        )
    return series
