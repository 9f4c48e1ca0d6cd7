"""Begin a new round of a sign-off, bound to how things are now: what was said stays, issues stay open, and nothing is signed yet."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import around, with_issues
from placet_approval.commands.earlier_environments import refuse_unpromoted
from placet_approval.commands.in_office import token_issuers
from placet_approval.commands.request_sign_off import refuse_unprocessed
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.sign_off_series import SignOffSeries
from placet_shared.access import Roles, allowed
from placet_shared.errors import Conflict
from placet_shared.event_store import UnitOfWork

__all__ = ["ResetSignOff", "reset_sign_off"]


@dataclass(frozen=True, slots=True)
class ResetSignOff:
    """What was changed since the last round, or why it begins again."""

    sign_off_id: str
    rationale: str | None


@allowed(Roles.DEVELOPER, Roles.ADMIN)
async def reset_sign_off(command: ResetSignOff, uow: UnitOfWork) -> SignOffProgress:
    """Its requester alone; only the newest sign-off of its version and environment, whose series is checked at append.

    The caller has waited until everything committed anywhere before the request has arrived (rule 16), as for a new sign-off.
    """
    sign_off = await open_sign_off(uow, command.sign_off_id)
    binding = sign_off.binding
    series = await uow.load(SignOffSeries, SignOffSeries.key_of(binding.version_id, binding.environment))
    if series is None or series.latest != sign_off.key:
        raise Conflict(
            "A newer sign-off of this version was requested for the environment.",
            code="sign_off_closed",
            resolve="Go on with the newer one.",
            state=sign_off.state,
        )
    now = await with_issues(uow, await around(uow, sign_off, anew=True))
    await refuse_unprocessed(uow, now.version, binding.environment)
    rationale = uow.text(command.rationale, kind="rationale", subject=binding.model_id) if command.rationale else None
    requester = Signer(uow.actor.id, uow.actor.kind, uow.actor.roles)
    sign_off.reset(requester, now, rationale, await uow.now(), await token_issuers(uow))
    await refuse_unpromoted(uow, now)
    return save_sign_off(sign_off, uow, now.in_office)
