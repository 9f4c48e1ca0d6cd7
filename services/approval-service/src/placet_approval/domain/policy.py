"""The policy of one environment: every document makes a new version, and no version ever changes."""

from datetime import datetime
from typing import Any

from placet_approval.domain.policy_terms import PolicyTerms, PolicyVersion
from placet_shared.aggregates import Aggregate, Recurring, origin_of
from placet_shared.identifiers import derived_key

__all__ = ["Policy"]


class Policy(Aggregate):
    """The stream of an environment's policy versions; its version number is the policy's."""

    TOPIC = "Policy"
    CATEGORY = "policy"

    def __init__(self) -> None:
        self.policy_id = ""
        self.environment = ""
        self.sha256 = ""
        self.content: dict[str, Any] = {}

    class PolicyDefined(Recurring):
        TOPIC = "PolicyDefined"
        SCHEMA_VERSION = 5
        policy_id: str
        environment: str
        version: int
        sha256: str
        mode: str
        content: dict[str, Any]

        def apply(self, aggregate: "Policy") -> None:
            aggregate.policy_id = self.policy_id
            aggregate.environment = self.environment
            aggregate.sha256 = self.sha256
            aggregate.content = self.content

    @staticmethod
    def key_of(environment: str) -> str:
        """The key of the stream that governs `environment`."""
        return derived_key("environment", environment)

    @classmethod
    def define(cls, policy_id: str, terms: PolicyTerms, at: datetime) -> "Policy":
        """The first policy of its environment."""
        return cls.create(cls.PolicyDefined, key=cls.key_of(terms.environment), at=at, **cls._values(policy_id, 1, terms))

    def redefine(self, terms: PolicyTerms, at: datetime) -> bool:
        """The next version; False, and nothing happens, when the current one says the same."""
        if terms.sha256() == self.sha256:
            return False
        values = self._values(self.policy_id, self.version + 1, terms)
        self.trigger(self.PolicyDefined, at=at, originator_topic=origin_of(self), **values)
        return True

    @property
    def current(self) -> PolicyVersion:
        """The version in force."""
        return PolicyVersion(self.policy_id, self.version, self.sha256, PolicyTerms.from_content(self.content))

    @staticmethod
    def _values(policy_id: str, version: int, terms: PolicyTerms) -> dict[str, Any]:
        return {
            "policy_id": policy_id,
            "environment": terms.environment,
            "version": version,
            "sha256": terms.sha256(),
            "mode": terms.mode,
            "content": terms.content(),
        }
