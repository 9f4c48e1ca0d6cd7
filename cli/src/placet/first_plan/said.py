"""What a caller says about a model that was registered without a signature: its inputs with their columns, and its outputs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from placet.first_plan.data import DataFile
from placet_client.answers.registry import Column
from placet_client.problems import ClientError

__all__ = ["Said"]

SHOWN_NAMES = 6


@dataclass(frozen=True, slots=True)
class Said:
    """`inputs` are `NAME` or `NAME=COLUMN,COLUMN`; `scores` and `labels` are names of outputs."""

    inputs: Sequence[str] = ()
    scores: str | None = None
    labels: str | None = None

    def __bool__(self) -> bool:
        return bool(self.inputs or self.scores or self.labels)

    def outputs(self) -> list[Column]:
        """As a signature has them; raises `ClientError` without the scores."""
        if self.scores is None:
            raise ClientError(
                "The output with the scores is not known.",
                "Name it by --scores: the output with probabilities, or with the predicted number; --labels names that with the decision.",
            )
        return [Column(name=self.scores, type="float"), *([Column(name=self.labels, type="string")] if self.labels else [])]

    def columns(self, data: DataFile) -> Iterator[dict[str, Any]]:
        """Each input with its columns and their type. One that is named like a column takes it, the last of the others takes what is left;
        raises `ClientError` where the columns and inputs do not fit."""
        if not self.inputs:
            raise ClientError(
                "The model's inputs are not known.",
                "Name them by --input: `--input X` takes all columns, `--input X=age,income --input city` says which take what.",
            )
        taken = self._taken(data)
        used = [column for columns in taken.values() for column in columns]
        if twice := [name for name in dict.fromkeys(used) if used.count(name) > 1]:
            raise ClientError(f"Several inputs take the column {twice[0]}.", "Name each column for one input.")
        for name, columns in taken.items():
            if not columns:
                detail = f"No column of {data.path.name} is left for the input {name}."
                raise ClientError(detail, f"Say which it takes: --input {name}=COLUMN,COLUMN. There are {_some(data.features)}.")
            yield {"name": name, "columns": columns, "type": _type(name, columns, data)}

    def _taken(self, data: DataFile) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        open_inputs = []
        for entry in self.inputs:
            name, said, listed = entry.partition("=")
            columns = [column.strip() for column in listed.split(",") if column.strip()]
            if not name or name in found or (said and not columns):
                raise ClientError(f"--input {entry} names no input.", "Write --input NAME or --input NAME=COLUMN,COLUMN, each name once.")
            if unknown := [column for column in columns if column not in data.features]:
                raise ClientError(f"{data.path.name} has no column {unknown[0]} besides the label.", f"There are {_some(data.features)}.")
            found[name] = columns or ([name] if name in data.features else [])
            if not found[name]:
                open_inputs.append(name)
        if len(open_inputs) > 1:
            detail = f"Which columns do the inputs {' and '.join(open_inputs)} take?"
            raise ClientError(detail, f"Say it of all but one: --input {open_inputs[0]}=COLUMN,COLUMN.")
        if open_inputs:
            used = {column for columns in found.values() for column in columns}
            found[open_inputs[0]] = [column for column in data.features if column not in used]
        return found


def _type(name: str, columns: Sequence[str], data: DataFile) -> str:
    """float32 for numbers, string for texts; an input has one type."""
    texts = [column for column in columns if column in data.texts]
    if not texts:
        return "float32"
    if len(texts) < len(columns):
        raise ClientError(
            f"The input {name} would take numbers, and texts too: {_some(texts)}.",
            f"Give them inputs of their own (--input {texts[0]}), or leave out of the file what the model does not take.",
        )
    return "string"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
