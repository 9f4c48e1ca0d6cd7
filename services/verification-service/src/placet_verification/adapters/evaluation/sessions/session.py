"""A loaded model, whatever engine runs it: its inputs and outputs, and predictions for a batch of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["ENGINE_TYPES", "Argument", "Session", "by_name", "failure"]

ENGINE_TYPES = {"float32": "float", "float64": "double"}
"""ONNX's names of types where they differ from the plan's."""

_OUT_OF_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate memory")


@dataclass(frozen=True, slots=True)
class Argument:
    """An input or output. `types` are those that it takes, in ONNX's words; of `shape`, numbers are fixed lengths.

    `name` is None where the format has no names for inputs and outputs: then the plan's name stands for it.
    """

    name: str | None
    types: Sequence[str]
    shape: Sequence[Any]


class Session(Protocol):
    """One thread, on the processor; each method raises `Refused`."""

    @property
    def inputs(self) -> Sequence[Argument]:
        """The model's inputs."""
        ...

    @property
    def outputs(self) -> Sequence[Argument]:
        """The model's outputs."""
        ...

    def run(self, outputs: Sequence[str], batch: Mapping[str, Any]) -> list[Any]:
        """These outputs for rows that stand in each input's tensor."""
        ...


def by_name(arguments: Sequence[Argument], names: Sequence[str]) -> dict[str, Argument]:
    """The arguments by their names; the only one, where it has none, by the only name that is given."""
    if len(arguments) == 1 and arguments[0].name is None:
        return {names[0] if len(names) == 1 else "the only one": arguments[0]}
    return {str(argument.name): argument for argument in arguments}


def failure(error: Exception, otherwise: str) -> Refused:
    """An engine's exception as a reason."""
    text = str(error)
    return Refused("memory_limit") if any(sign in text for sign in _OUT_OF_MEMORY) else Refused(otherwise, engine=text)
