"""The client's errors.

ClientError
├── NotSignedIn      there is no token to send
├── Missing          the named thing does not exist
├── Unreachable      a service does not answer
├── Unintelligible   the answer is not from a service of Placet
└── Problem          a service refused

Each has the exit code of a program that it ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from placet_client.exit_codes import ExitCode

__all__ = ["ClientError", "FieldProblem", "Missing", "NotSignedIn", "Problem", "Unintelligible", "Unreachable"]


MISUNDERSTOOD = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


class ClientError(Exception):
    """`str()` says what happened; `resolve` says what would help."""

    _exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, detail: str, resolve: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.resolve = resolve

    @property
    def exit_code(self) -> ExitCode:
        """Of a program that ends in this error."""
        return self._exit_code

    @property
    def exit_code_of_question(self) -> ExitCode:
        """Of a program whose exit code 1 means that the answer is no, as `gate` and `wait`: an error is no answer."""
        return ExitCode.CANNOT_TELL if self.exit_code is ExitCode.NO else self.exit_code


class NotSignedIn(ClientError):
    """There is no token to send."""


class Missing(ClientError):
    """The services answered, and the thing that the caller named does not exist."""

    _exit_code = ExitCode.NO


class Unreachable(ClientError):
    """No connection, no answer in time, or an answer that broke off; retried as long as the retry policy says."""

    _exit_code = ExitCode.CANNOT_TELL


class Unintelligible(ClientError):
    """The answer is not in the form of a service of Placet."""

    _exit_code = ExitCode.CANNOT_TELL


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
    def exit_code(self) -> ExitCode:
        """A refusal is a no; a failed service gives no answer."""
        return ExitCode.NO if self.status < HTTPStatus.INTERNAL_SERVER_ERROR else ExitCode.CANNOT_TELL

    @property
    def exit_code_of_question(self) -> ExitCode:
        """An invalid question is a usage error."""
        return ExitCode.USAGE if self.status in MISUNDERSTOOD else ExitCode.CANNOT_TELL

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
