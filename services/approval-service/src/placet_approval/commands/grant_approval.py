"""Sign as one person, in one role, in one's own name or in another person's place; the last signature that is needed approves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from placet_approval.commands.acting_for import acting_for
from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.earlier_environments import refuse_unpromoted
from placet_approval.commands.find_holder import find_person
from placet_approval.commands.governed_access import two_admins
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_holds import NewCondition
from placet_shared.errors import Invalid
from placet_shared.event_store import UnitOfWork

__all__ = ["GrantApproval", "NewConditionText", "grant_approval"]


@dataclass(frozen=True, slots=True)
class NewConditionText:
    """What the owner, by id or name, must do before `due_at`."""

    id: str
    owner: str
    due_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class GrantApproval:
    """`role` may be left out when only one of the signer's roles is needed; `on_behalf_of`, an id or a name, when the signer has a role of
    their own or could sign for one person only."""

    sign_off_id: str
    role: str | None
    rationale: str | None
    conditions: Sequence[NewConditionText] = ()
    on_behalf_of: str | None = None


async def grant_approval(command: GrantApproval, uow: UnitOfWork) -> SignOffProgress:
    """Checks at append what was relied on: the sign-off, the policy, the noes on its bytes, and the streams of all who have signed and of
    their delegations."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = replace(await around(uow, sign_off), issuers_apart=await two_admins(uow))
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id) if command.rationale else None
    acting = await acting_for(uow, await signer(uow), sign_off, command.on_behalf_of, command.role)
    conditions = [await _condition(one, sign_off, uow) for one in command.conditions]
    sign_off.grant(acting, command.role, now, rationale, await uow.now(), conditions)
    await refuse_unpromoted(uow, now)
    return save_sign_off(sign_off, uow, {**now.in_office, **acting.in_office})


async def _condition(wanted: NewConditionText, sign_off: SignOff, uow: UnitOfWork) -> NewCondition:
    owner = await find_person(uow, wanted.owner)
    uow.about(sign_off.binding.model_id)
    if not owner.active:
        raise Invalid(
            "The owner of a condition is a person who is active.",
            code="condition_owner_inactive",
            resolve="Name another person, by id or name: `placet people list`.",
        )
    text = uow.text(wanted.text, kind="condition", subject=sign_off.binding.model_id)
    return wanted.id, owner.person_id, wanted.due_at, text
