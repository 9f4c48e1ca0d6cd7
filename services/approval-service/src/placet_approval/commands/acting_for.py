"""In whose place the actor signs: named in the request, or the only person for whom they could, who have no role of their own."""

from collections.abc import Sequence
from dataclasses import replace

from placet_approval.commands.find_holder import find_person
from placet_approval.domain.authority import Authority
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.person import Person
from placet_approval.domain.sign_off import SignOff
from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Forbidden, Invalid
from placet_shared.event_store import UnitOfWork
from placet_shared.model_selectors import SelectableModel

__all__ = ["acting_for"]

# Found by rows, and decided on their streams: one that is missed here gives no right. An end that was lost in a restore counts too, until
# an admin has reviewed what was lost.
DELEGATIONS = """
    select delegation_id from delegations d
    where delegate_id = $1 and ended_at is null and starts_at <= $2 and $2 < ends_at
      and not exists (
          select from lost_events l where l.reviewed_at is null
            and (l.type = 'DelegationEnded' and l.data ->> 'delegation_id' = d.delegation_id
                 or l.type in ('PersonDeactivated', 'PersonErased') and l.subject = d.delegator_id))
    order by delegation_id
"""
MODEL = "select name from known_models where model_id = $1"


async def acting_for(uow: UnitOfWork, signer: Signer, sign_off: SignOff, on_behalf_of: str | None, role: str | None) -> Signer:
    """The signer, with the right that they use; checks at append the streams that it rests on. Raises `Forbidden` and `Invalid`."""
    if signer.kind != "person":
        return signer
    asked_for = {role} if role else {name for term in sign_off.terms for name in term.any_of}
    wanted = (await find_person(uow, on_behalf_of)).person_id if on_behalf_of else None
    if wanted is None and signer.roles & asked_for:
        return signer
    usable = [one for one in await _authorities(uow, signer, sign_off) if one.roles & asked_for and wanted in (None, one.person_id)]
    if wanted is None and len({one.person_id for one in usable}) > 1:
        raise Invalid(
            "Several people let you sign in their place.",
            code="delegation_ambiguous",
            resolve="Say for whom you sign: `on_behalf_of`.",
            person_ids=sorted({one.person_id for one in usable}),
        )
    if not usable:
        if wanted is None:
            return signer
        raise Forbidden(
            "You can't sign this for that person: no delegation of theirs to you is in force for it, in a role that is asked for.",
            code="no_delegation",
            resolve="Ask the person to delegate to you: `placet delegations add`; or sign in your own name, if you have a role.",
        )
    uow.acts_for(usable[0].person_id)
    return replace(signer, acting_for=usable[0])


async def _authorities(uow: UnitOfWork, signer: Signer, sign_off: SignOff) -> Sequence[Authority]:
    at, binding = await uow.now(), sign_off.binding
    ids = [row["delegation_id"] for row in await uow.fetch(DELEGATIONS, signer.id, at)]
    names = await uow.fetch(MODEL, binding.model_id) if ids else []
    model = SelectableModel(binding.model_id, names[0]["name"] if names else "")
    found = [
        one
        for one in (await uow.load_many(Delegation, ids) if ids else [])
        if one and one.delegate_id == signer.id and one.in_force(at) and one.covers(binding.environment, model)
    ]
    people = await uow.load_many(Person, [one.delegator_id for one in found]) if found else []
    delegated = [
        Authority(one.delegator_id, frozenset(one.roles_of(person.roles)), one.delegation_id, frozenset(one.token_issuers))
        for one, person in zip(found, people, strict=True)
        if person and person.active
    ]
    return [*delegated, *await _reassigned(uow, signer, sign_off)]


async def _reassigned(uow: UnitOfWork, signer: Signer, sign_off: SignOff) -> Sequence[Authority]:
    given = [one for one in sign_off.reassignments if one.person_id == signer.id]
    people = await uow.load_many(Person, [one.absent_id for one in given]) if given else []
    return [
        Authority(one.absent_id, frozenset({one.role} & {*person.roles}), None, frozenset(one.token_issuers))
        for one, person in zip(given, people, strict=True)
        if person and person.active
    ]
