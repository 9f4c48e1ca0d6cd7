"""`placet deploy`, which is `placet deployments report` too: a pipeline reports what it deployed."""

from typing import Annotated

import typer

from placet_client import Client
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Number, named_version
from placet_client.printing.page import show_json, show_line
from placet_client.printing.words import short

__all__ = ["report_deployment"]

Digest = Annotated[str | None, typer.Option(help="SHA-256 of what was deployed; with a version, the two must agree.")]
Where = Annotated[str, typer.Option("--environment", "-e", help="The environment that it runs in now.")]


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
        return show_json(reported.raw)
    show_line(f"Reported: {short(reported.sha256)} runs in {environment} (deployment {reported.id}).")


def _version_id(placet: Client, model: str, number: int | None) -> str:
    name = named_version(model, number)
    return placet.registry.version(name.model, name.number).id
