"""`placet versions`: immutable versions of models, their artifacts and where they come from."""

from collections.abc import Iterator
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.given_data import HELP as DATA_HELP
from placet.given_data import used_data
from placet.printing.people import Names
from placet_client.answers.registry import Lineage, Signature, Version
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Model, Number, named_version
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain, short

__all__ = ["COLUMNS", "IN_SHORT", "versions"]

versions = noun("Versions: list them, show one with its lineage, or add to its lineage.")

COLUMNS: tuple[Column[Version], ...] = (
    ("model", lambda version: plain(version.model_name)),
    ("number", lambda version: plain(version.number)),
    ("artifact", lambda version: short(version.artifact.sha256)),
    ("format", lambda version: plain(version.format)),
    ("deployed in", lambda version: listed(version.deployed_in)),
    ("registered", lambda version: ago(version.registered_at)),
    ("id", lambda version: plain(version.id)),
)
IN_SHORT: tuple[Column[Version], ...] = (
    ("version", lambda version: f"{plain(version.model_name)}/{version.number}"),
    *COLUMNS[2:-1],
)


@versions.command("list")
def list_versions(
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Only of this model, by id or name.", show_default=False)] = None,
    digest: Annotated[str | None, typer.Option(help="Only with this artifact (SHA-256).")] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only what is deployed there now.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    if model and digest:
        raise typer.BadParameter("name a model or a digest, not both.", param_hint="--digest")
    with installation(who) as placet:
        page = placet.registry.versions(limit, model, sha256=digest, environment=environment)
    if as_json:
        return show_json(page.raw)
    show_names(f"{version.model_name}/{version.number}" for version in page.items)
    show_table(COLUMNS, page.items, "No version is registered that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@versions.command("show")
def show_version(model: Model, number: Number = None, who: As = None, as_json: AsJson = False) -> None:
    """One version: artifact, signature, lineage."""
    name = named_version(model, number)
    with installation(who) as placet:
        version = placet.registry.version(name.model, name.number)
        if as_json:
            return show_json(version.raw)
        show_names([f"{version.model_name}/{version.number}"])
        show_facts(_facts(version, Names(placet)))


@versions.command("add-lineage")
def add_lineage(
    model: Model,
    number: Number = None,
    trained_by: Annotated[list[str] | None, typer.Option(help="Who trained it, by name or id. Repeatable.")] = None,
    prepared_by: Annotated[list[str] | None, typer.Option(help="Who prepared the data. Repeatable.")] = None,
    data: Annotated[list[str] | None, typer.Option(metavar="ROLE=DATA", help=DATA_HELP)] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Add people and data to a version's lineage; it only ever adds.

    These people can't sign any version with the same bytes. A verification on data that are named as training data, also one from before,
    is shown as that, and a policy with `held_out: required` says no to it.
    """
    if not (trained_by or prepared_by or data):
        raise typer.BadParameter("name at least one person, or data with --data.", param_hint="--trained-by")
    name = named_version(model, number)
    with installation(who) as placet:
        version = placet.registry.version(name.model, name.number)
        answer = placet.registry.add_lineage(version.id, trained_by or (), prepared_by or (), used_data(data, placet))
        names = Names(placet)
        if as_json:
            return show_json(answer.raw)
        trainers, preparers = (listed(names.of(person) for person in people) for people in (answer.trained_by, answer.prepared_by))
    note("Added." if answer.added else "All of that was named already; nothing was changed.")
    show_line(f"{name.model} {name.number} was trained by {trainers or 'no known person'}.")
    if preparers:
        show_line(f"Its data were prepared by {preparers}.")
    for one in answer.data:
        show_line(f"{one.role} data: {one.sha256}")


def _facts(version: Version, names: Names) -> Iterator[tuple[str, str]]:
    artifact = version.artifact
    yield "version", f"{version.model_name} {version.number}"
    yield "id", plain(version.id)
    yield "artifact", plain(artifact.sha256)
    yield "", f"{artifact.size:,} bytes, {version.format}{', kept at ' + artifact.uri if artifact.uri else ''}"
    yield "registered", f"{dated(version.registered_at)} by {names.of(version.registered_by)}"
    yield "deployed in", listed(version.deployed_in)
    if version.signature:
        yield from _columns(version.signature)
    yield from _lineage(version.lineage, names)


def _columns(signature: Signature) -> Iterator[tuple[str, str]]:
    for side, columns in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        yield side, "\n".join(f"{column.name}: {column.type} {list(column.shape) or ''}" for column in columns)


def _lineage(lineage: Lineage, names: Names) -> Iterator[tuple[str, str]]:
    yield "trained by", listed(names.of(person) for person in lineage.trained_by)
    yield "data prepared by", listed(names.of(person) for person in lineage.prepared_by)
    yield "commit", plain(lineage.commit)
    yield "run", plain(lineage.training_run)
    yield "experiment", plain(lineage.experiment)
    yield "data", "\n".join(f"{data.role}: {data.sha256}" for data in lineage.data)
    yield "parameters", listed(lineage.parameters)
    yield "metrics", listed(lineage.metrics)
