"""Writes a first verification plan from a version's signature and a data set, as YAML with comments: to be read, changed and applied."""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_client.answers.registry import Column, Version
from placet_client.problems import ClientError

__all__ = ["DataFile", "first_plan", "read_data"]

DELIMITERS = ",;\t|"
MOST_CLASSES = 20
SHOWN_NAMES = 6
TYPES = {"float": "float32", "double": "float64", "int32": "int32", "int64": "int64", "bool": "bool", "string": "string"}
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")


@dataclass(frozen=True, slots=True)
class DataFile:
    """What a CSV file says about itself; `labels` are the values of its label column in order of first appearance, at most 21."""

    path: Path
    sha256: str
    delimiter: str
    columns: Sequence[str]
    rows: int
    label: str
    labels: Sequence[str]
    label_is_number: bool


def read_data(path: Path, label: str | None) -> DataFile:
    """Without a label, the last column is it; raises `ClientError` where the file is not as a plan needs it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            delimiter = max(DELIMITERS, key=first.count)
            columns = next(csv.reader([first], delimiter=delimiter), [])
            chosen = label or (columns[-1] if columns else "")
            if chosen not in columns:
                raise ClientError(f"{path} has no column {chosen}.", f"Its columns are {', '.join(columns) or 'none'}.")
            place, labels, rows, numbers = columns.index(chosen), dict[str, None](), 0, True
            for row in csv.reader(file, delimiter=delimiter):
                if len(row) == len(columns):
                    rows += 1
                    numbers = numbers and _is_number(row[place])
                    if len(labels) <= MOST_CLASSES:
                        labels[row[place]] = None
    except UnicodeDecodeError as error:
        raise ClientError(f"{path} is no UTF-8 text.", "Save it as CSV in UTF-8, with a header line.") from error
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return DataFile(path, digest, delimiter, columns, rows, chosen, list(labels), numbers)


def first_plan(model: str, version: Version, data: DataFile, environments: Sequence[str]) -> str:
    """The YAML; raises `ClientError` when there is no signature, or it does not fit the columns."""
    if version.signature is None:
        raise ClientError(
            f"{model}/{version.number} was registered without a signature, so its inputs and outputs are not known.",
            "Register a version with --signature, or write the plan by hand: see docs/verification.md.",
        )
    task = _task(data)
    inputs = list(_inputs(version.signature.inputs, data))
    lines = [
        f"# A first plan for {model}, from version {version.number} and {data.path.name} ({data.rows} rows). Read it, change it, then:",
        "#     placet apply -f plan.yaml",
        "kind: Plan",
        f"name: {_plan_name(model)}",
        f"environments: [{', '.join(environments)}]",
        "for:                            # left out, the plan is for every model",
        f"  models: [{_scalar(model)}]",
        f"task: {task}",
        "dataset:",
        f"  sha256: {data.sha256}   # placet upload {data.path.name}",
        f"  label: {_scalar(data.label)}",
        *([f"  delimiter: {_scalar(data.delimiter)}"] if data.delimiter != "," else []),
        "inputs:",
        *(line for one in inputs for line in _input_lines(one)),
        "prediction:",
        *_prediction(version.signature.outputs, data, task),
        "checks:",
        "  - {id: artifact-safety, check: artifact_safety}",
        "  - {id: signature, check: signature}",
        *_metrics(task),
    ]
    return "\n".join(lines) + "\n"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _task(data: DataFile) -> str:
    if data.label_is_number and len(data.labels) > MOST_CLASSES:
        return "regression"
    if not 2 <= len(data.labels) <= MOST_CLASSES:
        raise ClientError(
            f"The column {data.label} has {len(data.labels) if len(data.labels) < 2 else 'more than 20'} values that are no numbers.",
            "Name the column with the truth by --label.",
        )
    return "binary" if len(data.labels) == 2 else "multiclass"


def _inputs(columns: Sequence[Column], data: DataFile) -> Iterator[dict[str, Any]]:
    """Inputs that are named like a column take it; the others take the rest of the columns in their order."""
    rest = [name for name in data.columns if name != data.label]
    named = {one.name: [one.name] for one in columns if one.name in rest and _width(one) == 1}
    free = [name for name in rest if name not in named]
    for one in columns:
        width = _width(one) or len(free)
        taken = named.get(one.name) or free[:width]
        if one.name not in named:
            free = free[width:]
        if len(taken) < width or not taken:
            raise ClientError(
                f"The model takes more columns than {data.path.name} has besides {data.label}: {', '.join(rest)}.",
                "Use the data that the model was made for, or name the label by --label.",
            )
        yield {"name": one.name, "columns": taken, "type": TYPES.get(_bare(one.type), "float32")}
    if free:
        raise ClientError(
            f"The model takes {len(rest) - len(free)} columns, and {data.path.name} has {len(rest)} besides {data.label}.",
            f"Leave out of the file what the model does not take: probably {', '.join(free[:SHOWN_NAMES])}.",
        )


def _width(column: Column) -> int | None:
    """How many columns of the data it takes; None when the signature leaves that open."""
    shape = column.shape
    if len(shape) < 2:
        return 1
    return shape[1] if isinstance(shape[1], int) else None


def _bare(type_: str) -> str:
    return type_.removeprefix("tensor(").removesuffix(")").replace("float32", "float").replace("float64", "double")


def _input_lines(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"  - name: {_scalar(one['name'])}"
    yield f"    columns: [{', '.join(_scalar(name) for name in one['columns'])}]"
    yield f"    type: {one['type']}"


def _prediction(outputs: Sequence[Column], data: DataFile, task: str) -> Iterator[str]:
    scores = next((one for one in outputs if _bare(one.type) in ("float", "double", "float16")), outputs[-1] if outputs else None)
    if scores is None:
        raise ClientError("The signature names no outputs.", "Register a version whose signature does.")
    labels = next((one for one in outputs if one is not scores and _bare(one.type) in ("int64", "int32", "string", "bool")), None)
    yield f"  scores: {_scalar(scores.name)}              # the output with {'the prediction' if task == 'regression' else 'probabilities'}"
    if task == "regression":
        return
    if labels is not None:
        yield f"  labels: {_scalar(labels.name)}              # the output with the model's own decision"
    classes = sorted(data.labels, key=lambda label: (float(label), "") if data.label_is_number else (0.0, label))
    yield f"  classes: [{', '.join(_scalar(label) for label in classes)}]   # in the order of the scores' columns"
    if task == "binary":
        yield f"  positive: {_scalar(classes[-1])}               # the class that matters"


def _metrics(task: str) -> Iterator[str]:
    yield "  # Thresholds are a first guess: what must the model reach to be of use?"
    if task == "binary":
        yield '  - {id: ranks-well, metric: roc_auc, comparator: ">=", threshold: 0.75, judge: interval}'
        yield '  - {id: honest-probabilities, metric: brier, comparator: "<=", threshold: 0.25, severity: advisory}'
    elif task == "multiclass":
        yield '  - {id: right-often-enough, metric: balanced_accuracy, comparator: ">=", threshold: 0.7, judge: interval}'
        yield '  - {id: honest-probabilities, metric: log_loss, comparator: "<=", threshold: 1.0, severity: advisory}'
    else:
        yield '  - {id: explains-enough, metric: r2, comparator: ">=", threshold: 0.5, judge: interval}'
        yield '  - {id: errors-are-small, metric: mae, comparator: "<=", threshold: 1.0, severity: advisory}'


def _plan_name(model: str) -> str:
    """The model's name as a plan's: lower-case letters, digits, - and _."""
    plain = "".join(character if character.isascii() and (character.isalnum() or character in "-_") else "-" for character in model.lower())
    return (plain if plain[:1].isalpha() else f"model-{plain}")[:63]


def _scalar(text: str) -> str:
    """As YAML reads it as text again."""
    if text and set(text) <= PLAIN and text.lower() not in ("true", "false", "null", "yes", "no", "on", "off"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
