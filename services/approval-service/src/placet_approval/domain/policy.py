"""The policies of one environment: every document makes a new version, and no version ever changes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from placet_approval.domain.policies_in_force import KnownPolicy, PoliciesInForce
from placet_approval.domain.sign_off_event import Commitment
from placet_approval.domain.written_policy import DefinedVersion, TakesEffect, WrittenPolicy
from placet_shared.aggregates import Aggregate, Event, Recurring, origin_of
from placet_shared.errors import Conflict, NotFound
from placet_shared.identifiers import derived_key

__all__ = ["PolicySet"]


class PolicySet(Aggregate):
    """One stream, so that a decision that checks it at append has missed none of the environment's policies."""

    TOPIC = "Policy"
    CATEGORY = "policy"

    def __init__(self) -> None:
        self.environment = ""
        self.known: dict[str, KnownPolicy] = {}

    class PolicyDefined(Recurring):
        TOPIC = "PolicyDefined"
        SCHEMA_VERSION = 5
        policy_id: str
        environment: str
        name: str | None
        version: int
        sha256: str
        mode: str
        takes_effect: TakesEffect
        content: dict[str, Any]

        def apply(self, aggregate: "PolicySet") -> None:
            aggregate.environment = self.environment
            written = WrittenPolicy.from_content(self.content, self.takes_effect)
            aggregate._know(DefinedVersion(self.policy_id, self.version, self.sha256, written, self.timestamp))

    class FloorDefined(Recurring):
        TOPIC = "FloorDefined"
        policy_id: str
        environment: str
        name: str
        version: int
        sha256: str
        takes_effect: TakesEffect
        content: dict[str, Any]

        def apply(self, aggregate: "PolicySet") -> None:
            aggregate.environment = self.environment
            written = WrittenPolicy.from_content(self.content, self.takes_effect, floor=True)
            aggregate._know(DefinedVersion(self.policy_id, self.version, self.sha256, written, self.timestamp))

    class PolicyWithdrawn(Event):
        """Of a policy for some models, or of a floor."""

        TOPIC = "PolicyWithdrawn"
        policy_id: str
        environment: str
        name: str
        version: int
        reason: Commitment

        def apply(self, aggregate: "PolicySet") -> None:
            known = aggregate.known[self.policy_id]
            aggregate.known = {**aggregate.known, self.policy_id: replace(known, withdrawn=True, since=self.version + 1)}

    @staticmethod
    def key_of(environment: str) -> str:
        """The key of the stream that governs `environment`."""
        return derived_key("environment", environment)

    @classmethod
    def begin(cls, policy_id: str, written: WrittenPolicy, at: datetime) -> "PolicySet":
        """With the first policy of an environment."""
        values = _values(policy_id, 1, written)
        event = cls.FloorDefined if written.is_floor else cls.PolicyDefined
        return cls.create(event, key=cls.key_of(written.environment), at=at, **values)

    def define(self, policy_id: str, written: WrittenPolicy, at: datetime) -> bool:
        """The next version of the policy of this name, or the first one, with this id.

        False, and nothing happens, when the current version says the same and takes effect as soon.
        """
        self.refuse_other_kind(written)
        known = self.named(written.name)
        if known and not known.withdrawn and _says(known.versions[-1], written):
            return False
        version = known.versions[-1].version + 1 if known else 1
        values = _values(known.versions[-1].policy_id if known else policy_id, version, written)
        event = self.FloorDefined if written.is_floor else self.PolicyDefined
        self.trigger(event, at=at, originator_topic=origin_of(self), **values)
        return True

    def refuse_other_kind(self, written: WrittenPolicy) -> None:
        """Raises `Conflict` when the name of a policy is to be a floor's, or the other way about."""
        known = self.named(written.name)
        if known and known.versions[-1].written.is_floor != written.is_floor:
            raise Conflict(
                f"{written.name} is the name of a {'policy' if written.is_floor else 'floor'} there.",
                code="policy_name_taken",
                resolve="Choose another name.",
            )

    def withdraw(self, name: str, reason: Commitment, at: datetime) -> DefinedVersion:
        """From the next request on it counts no more; sign-offs stay bound to it. Gives its last version."""
        known = self.named(name)
        if known is None:
            raise NotFound(f"There is no policy {name} there.", code="policy_not_found", resolve="`placet policies list` shows them.")
        if known.withdrawn:
            raise Conflict("The policy is withdrawn already.", code="policy_withdrawn", resolve="Nothing is left to do.")
        last = known.versions[-1]
        about = {"policy_id": last.policy_id, "environment": self.environment, "name": name, "version": last.version}
        self.trigger(self.PolicyWithdrawn, at=at, **about, reason=reason)
        return last

    def named(self, name: str | None) -> KnownPolicy | None:
        """The policy of this name, withdrawn or not; None is the environment's own."""
        return next((policy for policy in self.known.values() if policy.versions[-1].written.name == name), None)

    def newest(self, name: str | None) -> DefinedVersion:
        """The newest version of the policy of this name, which there is."""
        known = self.named(name)
        assert known is not None
        return known.versions[-1]

    @property
    def in_force(self) -> PoliciesInForce:
        """What decisions choose from."""
        return PoliciesInForce(self.known)

    @property
    def leaves_no_choice(self) -> bool:
        """Whether there is one policy alone, for every model, and one version of it that counts for all."""
        every = [version.written for policy in self.known.values() for version in policy.versions]
        return len(self.known) == 1 and all(one.selector.every_model and one.takes_effect != "at-renewal" for one in every)

    @property
    def deciding_roles(self) -> frozenset[str]:
        """Those that sign or own by what may be in force; of a policy that was withdrawn too, since sign-offs may be bound to it."""
        return frozenset(role for policy in self.known.values() for role in policy.versions[-1].written.deciding_roles)

    def _know(self, version: DefinedVersion) -> None:
        known = self.known.get(version.policy_id)
        versions = (*(known.versions if known else ()), version)
        at_once = version if version.written.takes_effect == "immediately" else known.at_once if known else None
        self.known = {**self.known, version.policy_id: KnownPolicy(versions, at_once, since=known.since if known else 1)}


def _says(version: DefinedVersion, written: WrittenPolicy) -> bool:
    """To take effect later than it does already is nothing new."""
    sooner = written.takes_effect == "immediately" != version.written.takes_effect
    return version.sha256 == written.sha256() and not sooner


def _values(policy_id: str, version: int, written: WrittenPolicy) -> dict[str, Any]:
    return {
        "policy_id": policy_id,
        "environment": written.environment,
        "name": written.name,
        "version": version,
        "sha256": written.sha256(),
        **({} if written.is_floor else {"mode": written.terms.mode}),
        "takes_effect": written.takes_effect,
        "content": written.content(),
    }
