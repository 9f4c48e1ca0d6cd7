"""`placet register`: a model, or a version of it with its artifact."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from placet.given_data import HELP as DATA_HELP
from placet.given_data import used_data
from placet_client import Registered, Registration
from placet_client.commands.defaults import Defaults
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import note, show_json, show_line, show_names
from placet_client.problems import ClientError

__all__ = ["register"]

File = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", exists=True, dir_okay=False, readable=True, help="The artifact.", show_default=False)
]
SIGNATURE_FORM = "Write an object with inputs and outputs, each a list of name, type, shape."


def register(
    model: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL]", help="Its name; made when new. By default placet.yaml's.", show_default=False),
    ] = None,
    file: File = None,
    format: Annotated[
        str | None,
        typer.Option(help="onnx (default), xgboost, lightgbm, skops, sklearn-pickle, safetensors …, other.", show_default=False),
    ] = None,
    trained_by: Annotated[list[str] | None, typer.Option(help="Who trained it, by name or id; can't approve it. Repeatable.")] = None,
    prepared_by: Annotated[list[str] | None, typer.Option(help="Who prepared the data; can't approve it either.")] = None,
    data: Annotated[list[str] | None, typer.Option(metavar="ROLE=DATA", help=DATA_HELP)] = None,
    metric: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="As measured in training.")] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the training.")] = None,
    commit: Annotated[str | None, typer.Option(help="Full Git commit id of the training code.")] = None,
    run: Annotated[str | None, typer.Option(help="Id of the training run in its tracking system.")] = None,
    experiment: Annotated[str | None, typer.Option(help="Id of the experiment.")] = None,
    description: Annotated[str | None, typer.Option(help="Of the model, when it is made now.")] = None,
    signature: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="JSON file with inputs and outputs.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Register a version with its artifact and lineage; without FILE, the model alone. For developers and admins.

    The bytes are uploaded by their digest. Doing it again changes nothing: a version of this model with the same bytes is the same version.
    With a placet.yaml, FILE alone is a version of its model, and what is not said here is taken from there.
    """
    defaults = Defaults()
    model, file = _subject(defaults, model, file)
    if file is None and any((trained_by, prepared_by, data, metric, param, commit, run, experiment, signature)):
        raise typer.BadParameter("a model alone has none of what is said of a version here; name its artifact too.", param_hint="FILE")
    if file is None:
        defaults.tell()
        return _register_model(model, description, who, as_json)
    if about := defaults.of_model(model):
        format = format or (about.format and defaults.took("format", about.format))
        trained_by = defaults.texts("trained by", trained_by, about.trained_by)
        prepared_by = defaults.texts("data prepared by", prepared_by, about.prepared_by)
        data = defaults.texts("data", data, about.data_arguments())
    defaults.tell()
    lineage = _lineage(trained_by, prepared_by, metric, param) | {"commit": commit, "training_run": run, "experiment": experiment}
    takes_and_gives = _signature(signature)
    with installation(who) as placet:
        lineage["data"] = used_data(data, placet)
        registered = placet.registry.register(Registration(model, file, format or "onnx", description, lineage, takes_and_gives))
    _show_version(registered, as_json)


def _subject(defaults: Defaults, model: str | None, file: Path | None) -> tuple[str, Path | None]:
    """The model's name, and the artifact or None; a word alone is the artifact where there is such a file."""
    if model and not file and Path(model).is_file():
        return defaults.model(None), Path(model)
    if model or file:
        return defaults.model(model), file
    name = defaults.model(None)
    artifact = defaults.file and defaults.file.artifact_path
    if not artifact:
        raise typer.BadParameter("name the artifact, or write it into placet.yaml as `artifact: model.onnx`.", param_hint="FILE")
    if not artifact.is_file():
        raise typer.BadParameter(f"{artifact}, which placet.yaml names, is no file.", param_hint="FILE")
    return name, Path(defaults.took("artifact", str(artifact)))


def _lineage(
    trained_by: Sequence[str] | None, prepared_by: Sequence[str] | None, metric: Sequence[str] | None, param: Sequence[str] | None
) -> dict[str, Any]:
    return {
        "trained_by": list(trained_by or ()),
        "prepared_by": list(prepared_by or ()),
        "metrics": {name: _number(name, value) for name, value in _pairs("--metric", metric)},
        "parameters": {name: _scalar(value) for name, value in _pairs("--param", param)},
    }


def _register_model(model: str, description: str | None, who: str | None, as_json: bool) -> None:
    with installation(who) as placet:
        known = placet.registry.find_model(model)
        found = known or placet.registry.register_model(model, description)
    if as_json:
        return show_json({"id": found.id, "name": found.name, "is_new": known is None})
    show_names([found.name])
    show_line(f"{model} {'is registered already' if known else 'is registered'} ({found.id}).")


def _show_version(registered: Registered, as_json: bool) -> None:
    version = registered.version
    if as_json:
        return show_json({**version.raw, "is_new": registered.is_new})
    if not registered.is_new:
        note("These bytes were registered before; that version stays as it is, with the people and data that are named now in its lineage.")
    show_names([f"{version.model_name}/{version.number}"])
    show_line(f"{version.model_name} {version.number}: {version.artifact.sha256} ({version.id})")


def _pairs(option: str, given: Sequence[str] | None) -> Sequence[tuple[str, str]]:
    pairs = [one.partition("=") for one in given or ()]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise typer.BadParameter(f"{name!r} has to be NAME=VALUE.", param_hint=option)
    return [(name, value) for name, _, value in pairs]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise typer.BadParameter(f"{name}={text!r} has to be a number.", param_hint="--metric") from error


def _scalar(text: str) -> Any:
    """A number, true, false or null where the text is one; a word otherwise."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if value is None or isinstance(value, bool | int | float) else text


def _signature(file: Path | None) -> Mapping[str, Any] | None:
    if file is None:
        return None
    try:
        signature = json.loads(file.read_text())
    except ValueError as error:
        raise ClientError(f"{file} is no JSON: {error}.", SIGNATURE_FORM) from error
    if not isinstance(signature, Mapping):
        raise ClientError(f"{file} holds no object.", SIGNATURE_FORM)
    return signature
