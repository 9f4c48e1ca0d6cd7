"""`placet deployments` and `placet deploy`: what runs where, as pipelines report it."""

from typing import Annotated

import typer

from placet.client import Installation
from placet.commands.listing import Limit, noun
from placet.commands.session import As, AsJson, installation
from placet.commands.subjects import Number, named_version
from placet.printing.page import Column, note, show_json, show_line, show_table
from placet.printing.words import plain, short, when

__all__ = ["deployments", "report_deployment"]

deployments = noun("Deployments: list what runs where, report one, report its end.")

COLUMNS: tuple[Column, ...] = (
    ("environment", lambda deployment: plain(deployment["environment"])),
    ("model", lambda deployment: plain(deployment["model_name"])),
    ("number", lambda deployment: plain(deployment["number"])),
    ("artifact", lambda deployment: short(deployment["sha256"])),
    ("state", lambda deployment: plain(deployment["end_cause"] or deployment["state"])),
    ("reported", lambda deployment: when(deployment["reported_at"])),
    ("id", lambda deployment: plain(deployment["id"])),
)
Digest = Annotated[str | None, typer.Option(help="SHA-256 of what was deployed; with a version, the two must agree.")]
Where = Annotated[str, typer.Option("--environment", "-e", help="Where it runs now.")]


@deployments.command("list")
def list_deployments(
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only there.")] = None,
    model: Annotated[str | None, typer.Option(help="Only of this model, by id or name.")] = None,
    state: Annotated[str, typer.Option(help="current, ended or all.")] = "current",
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest report first."""
    with installation(who) as placet:
        model_id = placet.registry.model(model)["id"] if model else None
        page = placet.registry.deployments(limit, environment=environment, model_id=model_id, state=state)
    if as_json:
        return show_json(page)
    show_table(COLUMNS, page["items"], "No deployment is reported that fits.")
    if page["next_cursor"]:
        note(f"There are more than these {limit}; see --limit.")


@deployments.command("report")
def report_deployment(
    environment: Where,
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Id or name; or MODEL/NUMBER.", show_default=False)] = None,
    number: Number = None,
    digest: Digest = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Report that a version runs now, in place of the model's version before it. For pipelines and admins."""
    if model is None and digest is None:
        raise typer.BadParameter("name a version, or its --digest.", param_hint="MODEL")
    with installation(who) as placet:
        version_id = _version_id(placet, model, number) if model else None
        reported = placet.registry.report_deployment(environment, version_id, digest)
    if as_json:
        return show_json(reported)
    show_line(f"Reported: {short(reported['sha256'])} runs in {environment} (deployment {reported['id']}).")


@deployments.command("end")
def end_deployment(
    deployment: Annotated[str, typer.Argument(metavar="ID", help="Id of the deployment.")],
    reason: Annotated[str | None, typer.Option(help="Why, in your words.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Report that a deployment runs no more. For pipelines and admins."""
    with installation(who) as placet:
        ended = placet.registry.end_deployment(deployment, reason)
    if as_json:
        return show_json(ended)
    show_line(f"Reported: deployment {deployment} runs no more.")


def _version_id(placet: Installation, model: str, number: int | None) -> str:
    name = named_version(model, number)
    return str(placet.registry.version(name.model, name.number)["id"])
