"""A version's origin, inputs and outputs: facts that the registrar claims.

A claim can add exclusions (trainers may not approve) and never removes one. All of it goes into events, so it is made of
bounded words, digests, numbers and person ids; larger or freer things are blobs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, Literal, get_args

from placet_registry.domain.words import column_name, column_type, git_commit, identifier, sha256_digest
from placet_shared.errors import FieldError, Malformed

__all__ = ["Column", "DataRole", "DataSet", "Lineage", "ParameterValue", "Signature"]

DataRole = Literal["train", "validation", "test", "reference"]
ParameterValue = str | int | float | bool | None

_DIMENSION: Final = re.compile(r"[A-Za-z0-9_./ +*-]{1,100}")
_KEY: Final = re.compile(r"[A-Za-z0-9._/@ :-]{1,200}")
_PARAMETER_TEXT: Final = re.compile(r"[A-Za-z0-9._/:+=,;()\[\]{}<>*|-]{1,200}")


@dataclass(frozen=True, slots=True)
class Column:
    """One input or output: its name, its type and its shape, where None stands for any length and a word for a named one."""

    name: str
    type: str
    shape: Sequence[int | str | None] = ()

    def plain(self, where: str) -> dict[str, Any]:
        """The contract's form; raises `Malformed`."""
        name, type_ = column_name(f"{where}.name", self.name), column_type(f"{where}.type", self.type)
        for size in self.shape:
            sound = bool(_DIMENSION.fullmatch(size)) if isinstance(size, str) else size is None or size >= 0
            _demand(sound, f"{where}.shape", size, "lengths from 0, names of dimensions, or null for any length")
        return {"name": name, "type": type_, "shape": list(self.shape)}


@dataclass(frozen=True, slots=True)
class Signature:
    """The model's inputs and outputs."""

    inputs: Sequence[Column] = ()
    outputs: Sequence[Column] = ()

    def plain(self) -> dict[str, Any]:
        """The contract's form; raises `Malformed`."""
        return {
            "inputs": [column.plain(f"signature.inputs.{place}") for place, column in enumerate(self.inputs)],
            "outputs": [column.plain(f"signature.outputs.{place}") for place, column in enumerate(self.outputs)],
        }


@dataclass(frozen=True, slots=True)
class DataSet:
    """Data by digest, and what it was used for."""

    sha256: str
    role: DataRole

    def plain(self, where: str) -> dict[str, str]:
        """The contract's form; raises `Malformed`."""
        _demand(self.role in get_args(DataRole), f"{where}.role", self.role, " | ".join(get_args(DataRole)))
        return {"sha256": sha256_digest(f"{where}.sha256", self.sha256), "role": self.role}


@dataclass(frozen=True, slots=True)
class Lineage:
    """The version's origin. `trained_by` and `prepared_by` are person ids: names were resolved before."""

    training_run: str | None = None
    experiment: str | None = None
    commit: str | None = None
    data: Sequence[DataSet] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    trained_by: Sequence[str] = ()
    prepared_by: Sequence[str] = ()

    def plain(self) -> dict[str, Any]:
        """The contract's form; raises `Malformed`."""
        return {
            "training_run": identifier("lineage.training_run", self.training_run) if self.training_run else None,
            "experiment": identifier("lineage.experiment", self.experiment) if self.experiment else None,
            "commit": git_commit("lineage.commit", self.commit) if self.commit else None,
            "data": [data.plain(f"lineage.data.{place}") for place, data in enumerate(self.data)],
            "parameters": {_key("parameters", key): _parameter(key, value) for key, value in self.parameters.items()},
            "metrics": {_key("metrics", key): _metric(key, value) for key, value in self.metrics.items()},
            "trained_by": list(dict.fromkeys(self.trained_by)),
            "prepared_by": list(dict.fromkeys(self.prepared_by)),
        }


def _key(group: str, key: str) -> str:
    _demand(_KEY.fullmatch(key), f"lineage.{group}", key, "keys of 1 to 200 characters of A-Z a-z 0-9 . _ / @ : - and space")
    return key


def _parameter(key: str, value: ParameterValue) -> ParameterValue:
    where = f"lineage.parameters.{key}"
    if isinstance(value, str):
        allowed = "a number, true, false, null, or a word of at most 200 characters without spaces and quotes"
        _demand(_PARAMETER_TEXT.fullmatch(value), where, value, allowed)
    elif isinstance(value, float):
        _demand(isfinite(value), where, str(value), "a finite number")
    elif isinstance(value, int):
        _demand(abs(value) < 2**63, where, str(value), "a number of at most 64 bits")
    return value


def _metric(key: str, value: float) -> float:
    _demand(isfinite(value), f"lineage.metrics.{key}", str(value), "a finite number")
    return value


def _demand(sound: object, where: str, value: Any, allowed: str) -> None:
    if not sound:
        shown = str(value)[:100]
        errors = [FieldError(where, shown, allowed)]
        raise Malformed(f"{where}: {shown!r} is not allowed.", code="malformed", resolve=f"Send {allowed}.", errors=errors)
