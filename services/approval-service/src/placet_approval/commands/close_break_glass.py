"""Close a break-glass before its time: its opener, an admin, or a person who may open or sign; the debt stays."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import signer
from placet_approval.commands.governed_model import policy_of_bytes
from placet_approval.domain.break_glass import BreakGlass
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.sign_off_rules import require_person
from placet_shared.errors import Conflict, Forbidden, NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["CloseBreakGlass", "ClosedBreakGlass", "close_break_glass"]

GLASS = "select artifact_sha256, environment, model_id, opened_by, debt_id from break_glasses where glass_id = $1"


@dataclass(frozen=True, slots=True)
class CloseBreakGlass:
    """The break-glass to close."""

    glass_id: str


@dataclass(frozen=True, slots=True)
class ClosedBreakGlass:
    """It lets nothing in any more; the debt is still to be reviewed."""

    id: str
    debt_id: str
    model_id: str
    environment: str
    revision: int


async def close_break_glass(command: CloseBreakGlass, uow: UnitOfWork) -> ClosedBreakGlass:
    """Once answered, no gate decision that rests on it can be written."""
    rows = await uow.fetch(GLASS, command.glass_id)
    if not rows:
        raise NotFound("There is no such break-glass.", code="break_glass_not_found", resolve="`placet break-glass list` shows them.")
    model_id, environment = rows[0]["model_id"], rows[0]["environment"]
    uow.about(model_id)
    policy = await policy_of_bytes(uow, model_id, rows[0]["artifact_sha256"], environment, check=False)
    await _require_say(rows[0]["opened_by"], policy, uow)
    glass = await uow.get(BreakGlass, BreakGlass.key_of(rows[0]["artifact_sha256"], environment), what="break_glass")
    if not glass.close(command.glass_id, uow.actor.id, await uow.now()):
        raise Conflict("This break-glass is over.", code="break_glass_over", resolve="Nothing more is needed but its review.")
    uow.save(glass, subject=model_id)
    return ClosedBreakGlass(command.glass_id, rows[0]["debt_id"], model_id, environment, glass.version)


async def _require_say(opener: str, policy: PolicyVersion | None, uow: UnitOfWork) -> None:
    acting = await signer(uow)
    require_person(acting)
    terms = policy.terms if policy else None
    may = {"admin", *(terms.signing_roles if terms else ()), *(terms.break_glass.roles if terms and terms.break_glass else ())}
    if acting.id != opener and not acting.roles & may:
        raise Forbidden(
            "You did not open it, and have no role that may.",
            code="role_required",
            resolve=f"Ask the person who opened it, or one who is {' or '.join(sorted(may))}.",
        )
