"""A delegation: a person lets another one sign in their place, for a time, in some of their roles, for some models and environments."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from placet_approval.domain.delegation_rules import require_delegable, require_other_person, require_own_hand, require_term
from placet_approval.domain.sign_off_rules import Signer, require_person
from placet_approval.domain.timestamps import parse_rfc3339, rfc3339
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Forbidden
from placet_shared.model_selectors import ModelSelector, SelectableModel

__all__ = ["LONGEST", "Delegation"]

Commitment = dict[str, Any]

LONGEST = timedelta(days=90)


class Delegation(Aggregate):
    """In force from its start to its end, unless it is ended before. It gives no right to delegate, so that none is chained."""

    TOPIC = "Delegation"
    CATEGORY = "delegation"

    delegation_id: str
    delegator_id: str
    delegate_id: str
    roles: list[str]
    environments: list[str]
    models: list[str]
    starts_at: str
    ends_at: str
    token_issuers: list[str]
    reason: Commitment
    ended: bool = False

    class DelegationGranted(Created):
        TOPIC = "DelegationGranted"
        delegation_id: str
        delegator_id: str
        delegate_id: str
        roles: list[str]
        environments: list[str]
        models: list[str]
        starts_at: str
        ends_at: str
        token_issuers: list[str]
        reason: Commitment

    class DelegationEnded(Event):
        TOPIC = "DelegationEnded"
        delegation_id: str
        delegator_id: str
        delegate_id: str
        ended_by: str
        reason: Commitment | None

        def apply(self, aggregate: "Delegation") -> None:
            aggregate.ended = True

    @classmethod
    def grant(
        cls,
        delegation_id: str,
        delegator: Signer,
        delegate_id: str,
        *,
        roles: Iterable[str] | None,
        environments: Iterable[str],
        models: Iterable[str],
        starts_at: datetime | None,
        ends_at: datetime,
        reason: Commitment,
        at: datetime,
    ) -> Self:
        """Only in roles that the delegator holds; `roles` None stands for all of them, no environment and no model for every one."""
        require_person(delegator)
        require_other_person(delegator, delegate_id)
        starts = max(starts_at or at, at)
        require_term(starts, ends_at, at, LONGEST)
        require_own_hand(delegator, delegate_id)
        return cls.create(
            cls.DelegationGranted,
            key=delegation_id,
            at=at,
            delegation_id=delegation_id,
            delegator_id=delegator.id,
            delegate_id=delegate_id,
            roles=require_delegable(delegator, roles),
            environments=sorted({*environments}),
            models=sorted({*models}),
            starts_at=rfc3339(starts),
            ends_at=rfc3339(ends_at),
            token_issuers=sorted(delegator.token_issuers),
            reason=reason,
        )

    def end(self, by: Signer, reason: Commitment | None, at: datetime) -> None:
        """No signature is given under it any more, and those under it count no more while their sign-offs are open. A second time is no
        event."""
        if by.id not in (self.delegator_id, self.delegate_id) and "admin" not in by.roles:
            raise Forbidden(
                "A delegation is ended by one of the two people or by an admin.",
                code="not_your_delegation",
                resolve="Ask one of them, or an admin.",
            )
        if self.ended:
            return
        between = {"delegation_id": self.delegation_id, "delegator_id": self.delegator_id, "delegate_id": self.delegate_id}
        self.trigger(self.DelegationEnded, at=at, **between, ended_by=by.id, reason=reason)

    def in_force(self, at: datetime) -> bool:
        """Whether a signature may be given under it."""
        return not self.ended and parse_rfc3339(self.starts_at) <= at < parse_rfc3339(self.ends_at)

    def covers(self, environment: str, model: SelectableModel) -> bool:
        """Whether a sign-off of the model for the environment is in its scope."""
        fits = not self.environments or environment in self.environments
        return fits and ModelSelector(models=tuple(self.models)).selects(model)

    def roles_of(self, delegator_roles: Iterable[str]) -> Sequence[str]:
        """Those that the delegator still holds."""
        return sorted({*self.roles} & {*delegator_roles})
