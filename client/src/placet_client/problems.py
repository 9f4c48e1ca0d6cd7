"""What can go wrong between a client and an installation.

ClientError
├── NotSignedIn      nobody said whose token to use
├── Missing          what is meant does not exist
├── Unreachable      a service does not answer
├── Unintelligible   something answered that is no service of Placet
└── Problem          a service understood, and the answer is no
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["ClientError", "FieldProblem", "Missing", "NotSignedIn", "Problem", "Unintelligible", "Unreachable"]


class ClientError(Exception):
    """`str()` says what happened; `resolve` says what would help."""

    def __init__(self, detail: str, resolve: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.resolve = resolve


class NotSignedIn(ClientError):
    """There is no token to send."""


class Missing(ClientError):
    """The services answered, and what the caller means is not there."""


class Unreachable(ClientError):
    """No connection, no answer in time, or an answer that broke off; tried again until patience ran out."""


class Unintelligible(ClientError):
    """What answered does not speak as a service of Placet does."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is wrong; `value` is what was sent."""

    field: str
    value: Any
    allowed: str


class Problem(ClientError):
    """A problem document (RFC 9457) of a service."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(str(document.get("detail") or document.get("title") or f"HTTP {status}"), document.get("resolve"))
        self.status = status
        self.document = document

    @property
    def code(self) -> str:
        """Stable, for programs."""
        return str(self.document.get("code", ""))

    @property
    def errors(self) -> Sequence[FieldProblem]:
        """The fields that are wrong."""
        named = self.document.get("errors") or []
        return [FieldProblem(str(one.get("field", "")), one.get("value"), str(one.get("allowed", ""))) for one in named]

    @property
    def facts(self) -> Mapping[str, Any]:
        """What else the service says about it."""
        facts = self.document.get("facts")
        return facts if isinstance(facts, Mapping) else {}
