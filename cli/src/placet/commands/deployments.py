"""`placet deployments`: what runs where, as pipelines report it."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet_client import Client, ClientError
from placet_client.answers.deployment_approvals import DeploymentApproval
from placet_client.answers.registry import Deployment
from placet_client.commands.deploy import report_deployment
from placet_client.commands.releases import ReleaseOption, release_of
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table, show_warning
from placet_client.printing.times import ago
from placet_client.printing.words import plain, short
from placet_client.problems import Missing

__all__ = ["deployments"]

deployments = noun("Deployments: list what runs where, report one, report its end.")


def _columns(approved: Mapping[str, DeploymentApproval]) -> tuple[Column[Deployment], ...]:
    return (
        ("environment", lambda deployment: plain(deployment.environment)),
        ("model", lambda deployment: plain(deployment.model_name)),
        ("number", lambda deployment: plain(deployment.number)),
        ("artifact", lambda deployment: short(deployment.sha256)),
        ("state", lambda deployment: plain(deployment.end_cause or deployment.state)),
        ("approval", lambda deployment: _approval(approved.get(deployment.id))),
        ("reported", lambda deployment: ago(deployment.reported_at)),
        ("id", lambda deployment: plain(deployment.id)),
    )


def _approval(found: DeploymentApproval | None) -> str:
    """As it is now, and what it was when it was reported if that is another; nothing where it is not known."""
    if found is None:
        return ""
    if found.now == found.when_reported:
        return found.now
    return f"{found.now}, was {found.when_reported}"


def _in_short(approved: Mapping[str, DeploymentApproval]) -> tuple[Column[Deployment], ...]:
    return (
        ("id", lambda deployment: plain(deployment.id)),
        ("of", lambda deployment: f"{plain(deployment.model_name)}/{deployment.number} in {plain(deployment.environment)}"),
        ("state", lambda deployment: f"{plain(deployment.end_cause or deployment.state)}, {ago(deployment.reported_at)}"),
        ("approval", lambda deployment: _approval(approved.get(deployment.id))),
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
    """The newest report first, with whether a sign-off of what runs is in force, and was when it was reported.

    Of a deployment that has ended the audit trail knows it: placet audit as-of.
    """
    with installation(who) as placet:
        model_id = placet.registry.model(model).id if model else None
        page = placet.registry.deployments(limit, environment=environment, model_id=model_id, state=state)
        approved = _approvals(placet, page.items)
    if as_json:
        approvals = {one.deployment_id: {"when_reported": one.when_reported, "now": one.now} for one in approved.values()}
        return show_json({**page.raw, "items": [{**one.raw, "approval": approvals.get(one.id)} for one in page.items]})
    show_names(deployment.id for deployment in page.items)
    show_table(_columns(approved), page.items, "No deployment is reported that fits.", narrow=_in_short(approved))
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


def _approvals(placet: Client, listed: Sequence[Deployment]) -> Mapping[str, DeploymentApproval]:
    """By deployment; what runs can be listed also while approval-service does not answer."""
    current = [one.id for one in listed if one.state == "current"]
    try:
        return {one.deployment_id: one for one in placet.approval.deployment_approvals(current)}
    except ClientError as error:
        show_warning(f"placet: whether it is approved can't be read: {error.detail}")
        return {}


deployments.command("report")(report_deployment)


@deployments.command("end")
def end_deployment(
    deployment: Annotated[str | None, typer.Argument(metavar="[ID]", help="Id of the deployment.", show_default=False)] = None,
    release: ReleaseOption = None,
    environment: Environment = None,
    reason: Annotated[str | None, typer.Option(help="Why, in your words.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Report that a deployment has ended; with --release: all versions of it that run there, at once. For pipelines and admins."""
    if (deployment is None) == (release is None):
        raise typer.BadParameter("name a deployment by its id, or a release by --release.", param_hint="ID")
    with installation(who) as placet:
        if deployment is None:
            return _end_release(placet, release or "", environment, reason, as_json)
        ended = placet.registry.end_deployment(deployment, reason)
    if as_json:
        return show_json(ended.raw)
    show_line(f"Reported: deployment {deployment} has ended.")


def _end_release(placet: Client, release: str, environment: str | None, reason: str | None, as_json: bool) -> None:
    """What runs of it; a version that another one replaced has ended by that."""
    found = release_of(placet, release, environment)
    running = [
        one.id
        for member in found.members
        for one in placet.registry.deployments(1, environment=found.environment, model_id=member.model_id, state="current").items
        if one.version_id == member.version_id
    ]
    if not running:
        raise Missing(f"No version of {found.name} runs in {found.environment}.", "See `placet deployments list`.")
    ended = placet.registry.report_deployments(found.environment, {}, running, reason)
    if as_json:
        return show_json(ended.raw)
    show_line(f"Reported: {len(running)} of {len(found.members)} versions of {plain(found.name)} have ended in {found.environment}.")
