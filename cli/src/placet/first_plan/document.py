"""Writes a first verification plan from a version's signature and a data set, as YAML with comments: to be read, changed and applied."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from placet.first_plan.checks import check_lines
from placet.first_plan.data import MOST_CLASSES, DataFile
from placet.first_plan.said import Said
from placet_client.answers.registry import Column, Version
from placet_client.printing.words import plain
from placet_client.printing.yaml_text import as_yaml
from placet_client.problems import ClientError

__all__ = ["first_plan"]

SHOWN_NAMES = 6
TYPES = {"float": "float32", "double": "float64", "int32": "int32", "int64": "int64", "bool": "bool", "string": "string"}


def first_plan(model: str, version: Version, data: DataFile, environments: Sequence[str], said: Said) -> str:
    """The YAML. What is `said` goes before the signature; raises `ClientError` where inputs or outputs are not known, or do not fit the
    columns."""
    signature = version.signature
    if signature is None and not said:
        raise ClientError(
            f"{model}/{version.number} was registered without a signature, so its inputs and outputs are not known.",
            "Name them: --input X --scores probabilities (and --labels label, where the model decides itself). A version that is "
            "registered with --signature needs none of them.",
        )
    task = _task(data)
    outputs = said.outputs() if said.scores or said.labels or signature is None else signature.outputs
    inputs = list(said.columns(data) if said.inputs or signature is None else _inputs(signature.inputs, data))
    file = " ".join(plain(data.path.name).split())  # it stands in comments
    lines = [
        f"# A first plan for {model}, from version {version.number} and {file} ({data.rows} rows). Read it, change it, then:",
        "#     placet apply -f plan.yaml",
        "kind: Plan",
        f"name: {_plan_name(model)}",
        f"environments: [{', '.join(environments)}]",
        "for:                            # left out, the plan is for every model",
        f"  models: [{as_yaml(model)}]",
        f"task: {task}",
        "dataset:",
        f"  sha256: {data.sha256}   # placet upload {file}",
        f"  label: {as_yaml(data.label)}",
        *([f"  delimiter: {as_yaml(data.delimiter)}"] if data.delimiter != "," else []),
        *_empty(inputs, data),
        "inputs:",
        *(line for one in inputs for line in _input_lines(one)),
        "prediction:",
        *_prediction(outputs, data, task),
        "checks:",
        *check_lines(task, f"{data.spread or 1.0:.3g}", signature=signature is not None),
    ]
    return "\n".join(lines) + "\n"


def _task(data: DataFile) -> str:
    if data.label in data.gaps:
        raise ClientError(f"The column {data.label} has empty cells: not every row has a truth.", "Leave those rows out of the file.")
    if (
        len(data.labels) > 1
        and data.label_is_number
        and (len(data.labels) > MOST_CLASSES or any(not float(label).is_integer() for label in data.labels))
    ):
        return "regression"
    if not 2 <= len(data.labels) <= MOST_CLASSES:
        raise ClientError(
            f"The column {data.label} has "
            + ("one value in all rows." if len(data.labels) < 2 else f"more than {MOST_CLASSES} values that are no numbers."),
            "Name the column with the truth by --label.",
        )
    return "binary" if len(data.labels) == 2 else "multiclass"


def _inputs(columns: Sequence[Column], data: DataFile) -> Iterator[dict[str, Any]]:
    """Inputs that are named like a column take it; the others take the rest of the columns in their order."""
    rest = data.features
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
    yield f"  - name: {as_yaml(one['name'])}"
    yield f"    columns: [{', '.join(as_yaml(name) for name in one['columns'])}]"
    yield f"    type: {one['type']}"


def _prediction(outputs: Sequence[Column], data: DataFile, task: str) -> Iterator[str]:
    scores = next((one for one in outputs if _bare(one.type) in ("float", "double", "float16")), outputs[-1] if outputs else None)
    if scores is None:
        raise ClientError(
            "The signature names no outputs.", "Name them by --scores and --labels, or register a version whose signature does."
        )
    labels = next((one for one in outputs if one is not scores and _bare(one.type) in ("int64", "int32", "string", "bool")), None)
    yield f"  scores: {as_yaml(scores.name)}              # the output with {'the prediction' if task == 'regression' else 'probabilities'}"
    if task == "regression":
        return
    if labels is not None:
        yield f"  labels: {as_yaml(labels.name)}              # the output with the model's own decision"
    classes = sorted(data.labels, key=lambda label: (float(label), "") if data.label_is_number else (0.0, label))
    yield f"  classes: [{', '.join(as_yaml(label) for label in classes)}]   # in the order of the scores' columns"
    if task == "binary":
        yield f"  positive: {as_yaml(classes[-1])}               # the class that matters"


def _empty(inputs: Sequence[Mapping[str, Any]], data: DataFile) -> Iterator[str]:
    """What empty cells among the numbers are; without any, the plan's default refuses them."""
    with_gaps = [name for one in inputs if one["type"].startswith("float") for name in one["columns"] if name in data.gaps]
    if with_gaps:
        names = ", ".join(with_gaps[:SHOWN_NAMES])
        more = " and others" if with_gaps[SHOWN_NAMES:] else ""
        yield f"  empty: nan                    # the model gets NaN for empty cells, of {names}{more}"


def _plan_name(model: str) -> str:
    """The model's name as a plan's: lower-case letters, digits, - and _."""
    plain = "".join(character if character.isascii() and (character.isalnum() or character in "-_") else "-" for character in model.lower())
    return (plain if plain[:1].isalpha() else f"model-{plain}")[:63]
