"""A change of access that one admin proposed and another one confirms: roles of a person, a token of another person, the access
policy, a weaker policy of an environment."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, Self

from placet_approval.domain.sign_off_rules import Signer
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict, Forbidden

__all__ = ["AccessChange", "ChangeKind"]

ChangeKind = Literal["roles", "token", "access_policy", "policy"]
ACCESS = "access-policy"
ChangeState = Literal["proposed", "confirmed", "withdrawn"]


class AccessChange(Aggregate):
    """Proposed until it is confirmed or withdrawn; it has no effect before."""

    TOPIC = "AccessChange"
    CATEGORY = "accesschange"

    def __init__(self) -> None:
        self.kind: ChangeKind
        self.person_id: str | None = None
        self.roles: list[str] = []
        self.token: dict[str, Any] | None = None
        self.two_admins: bool | None = None
        self.policy: dict[str, Any] | None = None
        self.proposed_by = ""
        self.token_issuers: list[str] = []
        self.state: ChangeState = "proposed"

    class AccessChangeProposed(Created):
        TOPIC = "AccessChangeProposed"
        SCHEMA_VERSION = 2
        change_id: str
        kind: str
        person_id: str | None
        roles: list[str]
        token: dict[str, Any] | None
        two_admins: bool | None
        policy: dict[str, Any] | None
        proposed_by: str
        token_issuers: list[str]

        def apply(self, aggregate: "AccessChange") -> None:
            aggregate.kind = self.kind  # type: ignore[assignment]
            aggregate.person_id, aggregate.roles = self.person_id, self.roles
            aggregate.token, aggregate.two_admins = self.token, self.two_admins
            aggregate.policy = self.policy
            aggregate.proposed_by, aggregate.token_issuers = self.proposed_by, self.token_issuers

    class AccessChangeConfirmed(Event):
        TOPIC = "AccessChangeConfirmed"
        change_id: str
        confirmed_by: str
        token_issuers: list[str]

        def apply(self, aggregate: "AccessChange") -> None:
            aggregate.state = "confirmed"

    class AccessChangeWithdrawn(Event):
        TOPIC = "AccessChangeWithdrawn"
        change_id: str
        withdrawn_by: str

        def apply(self, aggregate: "AccessChange") -> None:
            aggregate.state = "withdrawn"

    @classmethod
    def propose(
        cls,
        change_id: str,
        kind: ChangeKind,
        by: str,
        token_issuers: Iterable[str],
        at: datetime,
        *,
        person_id: str | None = None,
        roles: Iterable[str] = (),
        token: Mapping[str, Any] | None = None,
        two_admins: bool | None = None,
        policy: Mapping[str, Any] | None = None,
    ) -> Self:
        """By an admin; `roles` are those that the person is to have besides, `token` is what `Token.issue` needs, `policy` has the content
        that is to be in force, and the version that it `replaces`."""
        what = {"person_id": person_id, "roles": sorted(roles), "token": token and dict(token), "two_admins": two_admins}
        what |= {"policy": policy and dict(policy)}
        how = {"proposed_by": by, "token_issuers": sorted(token_issuers)}
        return cls.create(cls.AccessChangeProposed, key=change_id, at=at, change_id=change_id, kind=kind, **what, **how)

    @property
    def subject(self) -> str:
        """The person or the policy that it concerns, else the access policy."""
        return self.person_id or (self.policy["policy_id"] if self.policy else ACCESS)

    def confirm(self, admin: Signer, proposer_in_office: bool, at: datetime) -> None:
        """By a second admin, whom it does not concern, where neither of the two could have acted as the other."""
        self._require_proposed()
        if admin.id in (self.proposed_by, self.person_id):
            raise Forbidden(
                "You proposed this, or it concerns you, so that a confirmation of yours would be no second one.",
                code="second_admin_required",
                resolve="Ask another admin: `placet access confirm ID`.",
            )
        if not proposer_in_office:
            raise Conflict(
                "The person who proposed this is no admin any more.",
                code="proposer_left",
                resolve="Withdraw it, and have an admin propose it anew.",
            )
        theirs, hands = {*self.token_issuers}, {*admin.token_issuers}
        if admin.id in theirs or hands & {self.proposed_by, self.person_id} or hands & theirs:
            raise Forbidden(
                "One person could have proposed this and confirmed it, by the tokens that were used and those who issued them.",
                code="token_issued_by_another",
                resolve="Use a token that was made on the server: `python -m placet_approval add-admin NAME`; or ask another admin.",
            )
        self.trigger(
            self.AccessChangeConfirmed, at=at, change_id=self.key, confirmed_by=admin.id, token_issuers=sorted(admin.token_issuers)
        )

    def withdraw(self, by: str, at: datetime) -> None:
        """By any admin: nothing is given by it."""
        self._require_proposed()
        self.trigger(self.AccessChangeWithdrawn, at=at, change_id=self.key, withdrawn_by=by)

    def _require_proposed(self) -> None:
        if self.state != "proposed":
            raise Conflict(
                f"This change was {self.state} already.",
                code="access_change_closed",
                resolve="See `placet access list`; propose it anew if it is still wanted.",
            )
