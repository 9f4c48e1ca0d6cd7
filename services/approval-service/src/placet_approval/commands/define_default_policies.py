"""Define the shipped policies where an environment has none; called at every start, and no effect but the first time."""

from collections.abc import Sequence
from dataclasses import dataclass

from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_defaults import DEFAULT_POLICIES
from placet_approval.domain.written_policy import WrittenPolicy
from placet_shared.event_store import EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["DefaultPolicies", "DefineDefaultPolicies", "define_default_policies", "ensure_default_policies"]

SYSTEM = "system:approval"


@dataclass(frozen=True, slots=True)
class DefineDefaultPolicies:
    """An id for each of the shipped policies, for those that are defined."""

    policy_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class DefaultPolicies:
    """The environments that had none."""

    defined: Sequence[str]


async def ensure_default_policies(store: EventStore) -> None:
    """Run by the system, at start."""
    command = DefineDefaultPolicies([new_id() for _ in DEFAULT_POLICIES])
    await store.execute(define_default_policies, command, metadata=Metadata(actor=SYSTEM, correlation=new_id()))


async def define_default_policies(command: DefineDefaultPolicies, uow: UnitOfWork) -> DefaultPolicies:
    """In one command, so that a start that is killed leaves all of them or none."""
    known = await uow.load_many(PolicySet, [PolicySet.key_of(terms.environment) for terms in DEFAULT_POLICIES])
    defined = []
    for policy_id, terms, policy in zip(command.policy_ids, DEFAULT_POLICIES, known, strict=True):
        if policy is None:
            uow.save(PolicySet.begin(policy_id, WrittenPolicy(terms), await uow.now()), subject=policy_id)
            defined.append(terms.environment)
    return DefaultPolicies(defined)
