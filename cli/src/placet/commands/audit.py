"""`placet audit`: what happened, and what was true at a time."""

from typing import Annotated

import typer

from placet.commands.listing import Limit
from placet.printing.people import Names
from placet.printing.timeline import entries_in_short, entry_columns
from placet_client import Client
from placet_client.answers.audit import Approval, AsOf, Deployed, Timeline
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_facts, show_json, show_names, show_table, show_warning
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain, short

__all__ = ["audit"]

audit = typer.Typer(help="The audit trail: what happened, and what was true at a time.", no_args_is_help=True)

Environment = Annotated[str | None, typer.Option("--environment", "-e", help="Only there.")]
ModelFilter = Annotated[str | None, typer.Option(help="Only of this model, by id or name.")]


@audit.command("timeline")
def timeline(
    model: ModelFilter = None,
    version: Annotated[str | None, typer.Option(help="Only of this version: its id, or its number together with --model.")] = None,
    environment: Environment = None,
    actor: Annotated[str | None, typer.Option(help="Only by this person or service account: id or name.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only of this type, such as ApprovalGranted.")] = None,
    result: Annotated[str | None, typer.Option(help="done, refused, denied, failed, rejected or invalidated.")] = None,
    source: Annotated[str | None, typer.Option(help="registry, verification, approval or audit.")] = None,
    correlation: Annotated[str | None, typer.Option(metavar="ID", help="Only acts that one request, or one command, led to.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="RFC 3339.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="RFC 3339.")] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin at the oldest act, not at the latest.")] = False,
    limit: Limit = 100,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The latest acts, refused ones too, in the order in which they happened."""
    search = {
        "model": model, "environment": environment, "type": type_, "result": result, "source": source,
        "correlation": correlation, "since": since, "until": until, "order": "oldest" if from_start else "newest",
    }  # fmt: skip
    with installation(who) as placet:
        names = Names(placet)
        found = placet.audit.timeline(
            limit, version=version and _version_id(placet, model, version), actor=actor and names.id_of(actor), **search
        )
        in_order = slice(None) if from_start else slice(None, None, -1)
        if as_json:
            return show_json({**found.raw, "items": found.raw["items"][in_order]})
        show_names(str(entry.index) for entry in found.items[in_order])
        show_table(entry_columns(names), found.items[in_order], "Nothing in the log fits.", narrow=entries_in_short(names))
    if environment and (result == "refused" or type_ == "ActionRefused"):
        note("What was refused names no environment: ask without --environment, or by --model instead.")
    if found.next_cursor:
        note(f"There is more {'after' if from_start else 'before'} these {limit}; see --limit.")
    _show_completeness(found)


@audit.command("as-of")
def as_of(
    time: Annotated[str | None, typer.Option(help="RFC 3339; by default now.")] = None,
    index: Annotated[int | None, typer.Option(min=0, help="As of an entry of the log, instead of a time.")] = None,
    environment: Environment = None,
    model: ModelFilter = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """What was deployed where at a time, and who had approved it."""
    if time and index is not None:
        raise typer.BadParameter("give a time or an index, not both.", param_hint="--index")
    with installation(who) as placet:
        state = placet.audit.as_of(time=time, index=index, environment=environment, model=model)
        if as_json:
            return show_json(state.raw)
        show_names(one.deployment_id for one in state.deployments)
        show_facts([("as of index", plain(state.index))])
        names = Names(placet)
        show_table(_deployments(names), state.deployments, "Nothing was deployed.", narrow=_in_short(names))
    _show_completeness(state)


def _deployments(names: Names) -> tuple[Column[Deployed], ...]:
    return (
        ("environment", lambda one: plain(one.environment)),
        ("model", lambda one: plain(one.model_name or one.model_id)),
        ("number", lambda one: plain(one.version_number)),
        ("artifact", lambda one: short(one.sha256)),
        ("since", lambda one: ago(one.since)),
        ("deployed by", lambda one: plain(names.of(one.deployed_by))),
        ("approved by", lambda one: _approvers(one, names)),
        ("sign-off", _sign_off),
    )


def _in_short(names: Names) -> tuple[Column[Deployed], ...]:
    return (
        ("deployed", lambda one: f"{plain(one.model_name or one.model_id)}/{plain(one.version_number)} in {plain(one.environment)}"),
        ("since", lambda one: ago(one.since)),
        ("approved by", lambda one: _approvers(one, names)),
        ("sign-off", _sign_off),
    )


def _approvers(one: Deployed, names: Names) -> str:
    return listed(f"{_signer(by, names)} ({by.role})" for by in one.approvals) or "(none)"


def _signer(by: Approval, names: Names) -> str:
    return f"{names.of(by.person_id)} for {names.of(by.on_behalf_of)}" if by.on_behalf_of else names.of(by.person_id)


def _sign_off(one: Deployed) -> str:
    """Its state at that time, and whether the deployment came without one."""
    states = {"expired": f"expired {ago(one.sign_off_expires_at)}", "invalidated": "replaced: what was signed has changed"}
    state = states.get(one.sign_off_state or "", plain(one.sign_off_state))
    unapproved = one.signed_off is False and one.signatures_required is not False
    return "; ".join(part for part in (state, "unapproved when it was deployed" if unapproved else "") if part)


def _show_completeness(answer: AsOf | Timeline) -> None:
    """Shows how complete the answer is, so that an empty list never means "not yet arrived"."""
    lag = answer.lag_seconds
    behind = "its lag is unknown" if lag is None else "nothing is missing" if lag == 0 else f"up to {lag:.1f} s may be missing"
    note(f"complete up to index {answer.as_of_index}; {behind}")
    for source in answer.sources:
        if not source.reachable:
            show_warning(f"{source.source}-service does not answer: what it recorded after {source.position} may be missing.")


def _version_id(placet: Client, model: str | None, version: str) -> str:
    if not version.isdecimal():
        return version
    if model is None:
        raise typer.BadParameter("a number needs --model.", param_hint="--version")
    return placet.registry.version(model, int(version)).id
