"""Define the shipped policies where an environment has none; called at every start, and no effect but the first time."""

from placet_approval.domain.policy import Policy
from placet_approval.domain.policy_defaults import DEFAULT_POLICIES
from placet_shared.event_store import Answer, EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["define_default_policies"]

SYSTEM = "system:approval"


async def define_default_policies(store: EventStore) -> None:
    """In one command, so that a start that is killed leaves all of them or none."""
    ids = [new_id() for _ in DEFAULT_POLICIES]

    async def define_missing(uow: UnitOfWork) -> Answer:
        known = await uow.load_many(Policy, [Policy.key_of(terms.environment) for terms in DEFAULT_POLICIES])
        for policy_id, terms, policy in zip(ids, DEFAULT_POLICIES, known, strict=True):
            if policy is None:
                uow.save(Policy.define(policy_id, terms, await uow.now()), subject=policy_id)
        return Answer(200, {})

    metadata = Metadata(actor=SYSTEM, correlation=new_id())
    await store.run(define_missing, metadata, None, action="define_default_policies")
