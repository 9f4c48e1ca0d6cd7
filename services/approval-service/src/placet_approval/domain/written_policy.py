"""What the document of a policy says: its terms, for which models they are, and from when a version of it counts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, get_args

from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyTerms
from placet_shared.model_selectors import ModelSelector

__all__ = ["EVERY_MODEL", "TAKES_EFFECT", "DefinedVersion", "TakesEffect", "WrittenPolicy"]

TakesEffect = Literal["next", "at-renewal", "immediately"]
"""For what a version counts: for sign-offs that are requested from then on; for a model once its approval of before has ended; for all,
so that sign-offs that are bound to a version before are invalidated."""

TAKES_EFFECT: tuple[TakesEffect, ...] = get_args(TakesEffect)

EVERY_MODEL = ModelSelector()


@dataclass(frozen=True, slots=True)
class WrittenPolicy:
    """One without a name is its environment's own and is for every model; one with a name selects models.

    `takes_effect` is about the version, not about what it asks for, so the digest does not cover it.
    """

    terms: PolicyTerms | FloorTerms
    name: str | None = None
    selector: ModelSelector = EVERY_MODEL
    takes_effect: TakesEffect = "next"

    @property
    def environment(self) -> str:
        """The environment that it is for."""
        return self.terms.environment

    @property
    def deciding_roles(self) -> frozenset[str]:
        """The roles that sign, and the one that reassigns."""
        owner = self.terms.owner if isinstance(self.terms, PolicyTerms) else None
        return self.terms.signing_roles | ({owner} if owner else set())

    @property
    def is_floor(self) -> bool:
        """Whether it raises policies, and is none by itself."""
        return isinstance(self.terms, FloorTerms)

    def content(self) -> dict[str, Any]:
        """Plain JSON, normalised: what events carry and the digest covers; name and selector only where there is one."""
        name = {} if self.name is None else {"name": self.name}
        return {**self.terms.content(), **name, **selected_by(self.selector)}

    def sha256(self) -> str:
        """SHA-256 of the content as sorted compact JSON."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @classmethod
    def from_content(cls, content: Mapping[str, Any], takes_effect: TakesEffect, *, floor: bool = False) -> Self:
        """The opposite of `content`."""
        selector = ModelSelector.from_document(content.get("for", {}))
        terms = FloorTerms.from_content(content) if floor else PolicyTerms.from_content(content)
        return cls(terms, content.get("name"), selector, takes_effect)


@dataclass(frozen=True, slots=True)
class DefinedVersion:
    """One immutable version of a policy, as it was defined."""

    policy_id: str
    version: int
    sha256: str
    written: WrittenPolicy
    defined_at: datetime

    @property
    def reference(self) -> dict[str, Any]:
        """The form in which events name it."""
        return {"id": self.policy_id, "version": self.version, "sha256": self.sha256}


def selected_by(selector: ModelSelector) -> dict[str, Any]:
    """The member `for` of a policy's content; nothing where every model is meant."""
    models = {"models": list(selector.models)} if selector.models else {}
    tags = {"tags": dict(sorted(selector.tags.items()))} if selector.tags else {}
    return {"for": {**models, **tags}} if models or tags else {}
