"""A kind of check: how a plan writes it, what measures it in the child process, and who judges what was measured.

Each kind is a module of `checks.kinds`, and a module of `adapters.evaluation.measures` that runs in the child and may import what is in
neither service: numpy, scipy, the engine. A kind that judges nothing but facts from outside has no such module.
Another distribution adds kinds by entry points of the group `placet.checks`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.domain.records import Record

__all__ = ["FACTS", "CheckKind", "Contradiction", "Need", "Parameters", "no_contradictions"]


class Parameters(BaseModel):
    """Base of the parameters of a kind, as they stand in a plan beside `id`, `check` and `severity`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


P = TypeVar("P", bound=Parameters)

Contradiction = tuple[str, Any, str]
"""The field, its value, and what is allowed instead."""


def no_columns(parameters: Any) -> Iterable[str]:
    """Nothing beside the inputs."""
    return ()


def no_contradictions(parameters: Any, plan: PlanDocument) -> Iterable[Contradiction]:
    """Every plan fits."""
    return ()


Need = Literal["attestations", "champion", "reference", "registration", "training"]
"""What a kind of check needs beside the model and the evaluation data; of data the plan must name them."""

FACTS: frozenset[Need] = frozenset({"attestations", "registration"})
"""Those of the needs that the worker reads, as plain JSON, and that the judge gets under their names beside what was measured."""


@dataclass(frozen=True, slots=True)
class CheckKind(Generic[P]):
    """`version` counts the meanings that the kind has had; it stands in every record.

    `measure` is `package.module:function`, imported in the child: it takes all checks of the kind in a plan and gives plain JSON by
    check; a kind that judges facts alone has none. `judge` makes records of that: pure, and at least one. `columns` are those of the
    evaluation data that it wants; one that no input of the model takes is read as texts. `contradictions` are what the parameters' own
    model can't see.

    A member `observed` of what was measured for a check, such as durations, is stored among the run's observations and in no result. The
    judge gets it again: records carry a status by it, and never one of its values.
    """

    name: str
    version: int
    purpose: str
    parameters: type[P]
    measure: str | None
    judge: Callable[[P, Mapping[str, Any]], Sequence[Record]]
    runs_the_model: bool = True
    needs: frozenset[Need] = frozenset()
    columns: Callable[[P], Iterable[str]] = no_columns
    contradictions: Callable[[P, PlanDocument], Iterable[Contradiction]] = no_contradictions
