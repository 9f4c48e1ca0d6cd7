"""Judges a history: every violated promise, by name.

lost          acknowledged, or logged, and missing
doubled       done twice, or logged twice
reordered     in another order than it happened in, or than the source has
false yes     a gate said yes without a valid sign-off at that time
stale replay  a repeated key brought back a yes that no longer held
forked        one position with two events
failed        answered with 500: an error that no handler foresaw
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from attacking.decisions import decision_violations
from attacking.history import History
from attacking.writes import write_violations

__all__ = ["Kind", "Violation", "judge"]

Kind = Literal["lost", "doubled", "reordered", "false yes", "stale replay", "forked", "failed"]


class Violation(NamedTuple):
    """A violated promise, and the evidence."""

    kind: Kind
    detail: str


def judge(history: History) -> list[Violation]:
    """All violations; empty when all promises were kept."""
    found: Iterator[tuple[Kind, str]]
    violations: list[Violation] = []
    for found in (write_violations(history), decision_violations(history), _failures(history)):
        violations += [Violation(kind, detail) for kind, detail in found]
    return violations


def _failures(history: History) -> Iterator[tuple[Kind, str]]:
    """A service that is down, behind or full answers 503 or 507."""
    for operation in history.operations:
        if operation.status == 500:
            yield "failed", str(operation)
