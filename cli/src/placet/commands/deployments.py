"""`placet deployments`: what runs where, as pipelines report it."""

from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet_client.answers.registry import Deployment
from placet_client.commands.deploy import report_deployment
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import plain, short

__all__ = ["deployments"]

deployments = noun("Deployments: list what runs where, report one, report its end.")

COLUMNS: tuple[Column[Deployment], ...] = (
    ("environment", lambda deployment: plain(deployment.environment)),
    ("model", lambda deployment: plain(deployment.model_name)),
    ("number", lambda deployment: plain(deployment.number)),
    ("artifact", lambda deployment: short(deployment.sha256)),
    ("state", lambda deployment: plain(deployment.end_cause or deployment.state)),
    ("reported", lambda deployment: ago(deployment.reported_at)),
    ("id", lambda deployment: plain(deployment.id)),
)
IN_SHORT: tuple[Column[Deployment], ...] = (
    ("id", lambda deployment: plain(deployment.id)),
    ("of", lambda deployment: f"{plain(deployment.model_name)}/{deployment.number} in {plain(deployment.environment)}"),
    ("state", lambda deployment: f"{plain(deployment.end_cause or deployment.state)}, {ago(deployment.reported_at)}"),
)


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
        model_id = placet.registry.model(model).id if model else None
        page = placet.registry.deployments(limit, environment=environment, model_id=model_id, state=state)
    if as_json:
        return show_json(page.raw)
    show_names(deployment.id for deployment in page.items)
    show_table(COLUMNS, page.items, "No deployment is reported that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


deployments.command("report")(report_deployment)


@deployments.command("end")
def end_deployment(
    deployment: Annotated[str, typer.Argument(metavar="ID", help="Id of the deployment.")],
    reason: Annotated[str | None, typer.Option(help="Why, in your words.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Report that a deployment has ended. For pipelines and admins."""
    with installation(who) as placet:
        ended = placet.registry.end_deployment(deployment, reason)
    if as_json:
        return show_json(ended.raw)
    show_line(f"Reported: deployment {deployment} has ended.")
