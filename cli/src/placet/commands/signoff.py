"""`placet signoff`: people approve or reject that a version goes to an environment."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from placet.commands.listing import Limit, noun
from placet.commands.moments import condition_of
from placet.printing.evidence import gather
from placet.printing.people import Names
from placet.printing.runs import show_run
from placet.printing.sign_offs import in_short, progress, show_acts, show_sign_off
from placet_client import Client, ClientError
from placet_client.answers.sign_offs import MissingSignatures, SignOffProgress, SignOffSummary
from placet_client.commands.defaults import Defaults, OptionalModel
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, Number, Target, find_sign_off_id
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table, show_warning
from placet_client.printing.times import ago, dated
from placet_client.printing.words import plain, when

__all__ = ["act", "signoff"]

signoff = noun("Sign-offs: request one, list them, show one, and decide.")

Rationale = Annotated[str | None, typer.Option("--rationale", "-r", help="Your reasons, in your words.")]
Role = Annotated[str | None, typer.Option(help="Only needed when you have several of the roles that are still asked for.")]

OnBehalfOf = Annotated[
    str | None,
    typer.Option("--for", metavar="PERSON", help="In this person's place; needed when you have a role yourself or could sign for several."),
]

COLUMNS: tuple[Column[SignOffSummary], ...] = (
    ("model", lambda sign_off: plain(sign_off.model or sign_off.model_id)),
    ("number", lambda sign_off: plain(sign_off.number)),
    ("environment", lambda sign_off: plain(sign_off.environment)),
    ("state", lambda sign_off: "expired" if sign_off.expired else plain(sign_off.state)),
    ("signed", lambda sign_off: f"{sign_off.have} of {sign_off.need}"),
    ("missing", progress),
    ("requested", lambda sign_off: f"{ago(sign_off.requested_at)} by {plain(sign_off.requester.name)}"),
    ("id", lambda sign_off: plain(sign_off.id)),
)


IN_SHORT: tuple[Column[SignOffSummary], ...] = (
    ("id", lambda sign_off: plain(sign_off.id)),
    ("of", lambda sign_off: in_short(sign_off)),
)


@signoff.command("request")
def request_sign_off(
    model: OptionalModel = None,
    number: Number = None,
    environment: Environment = None,
    rationale: Rationale = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Request a sign-off of a version for an environment. For developers; one at a time can be open."""
    defaults = Defaults()
    where = defaults.environment(environment)
    with installation(who) as placet:
        name = defaults.version(placet, model, number)
        defaults.tell()
        version = placet.registry.version(name.model, name.number)
        requested = placet.approval.request_sign_off(version.id, where, rationale)
    if as_json:
        return show_json(requested.raw)
    if noes := requested.earlier_noes:
        show_warning(f"placet: these bytes were {noes[0]['kind']} before, at {when(noes[0]['at'])}; signers are shown that.")
    for obstacle in requested.obstacles:
        show_warning(f"placet: {obstacle.detail} [{obstacle.code}]\n  → {obstacle.resolve}")
    note(f"Requested; it needs {_terms(requested.missing)}.")
    show_names([requested.id])
    show_line(requested.id)


@signoff.command("list")
def list_sign_offs(
    open_: Annotated[bool, typer.Option("--open", help="Only those that wait for people.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that you could sign.")] = False,
    environment: Environment = None,
    model: Annotated[str | None, typer.Option(help="Only of this model, by id or name.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.sign_offs(limit, open=open_, mine=mine, environment=environment, model=model)
    if as_json:
        return show_json(page.raw)
    show_names(sign_off.id for sign_off in page.items)
    show_table(COLUMNS, page.items, "There is no sign-off that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@signoff.command("show")
def show(target: Target, number: Number = None, environment: Environment = None, who: As = None, as_json: AsJson = False) -> None:
    """One sign-off: what it binds, the verdict of each plan with what was measured on which data, who trained the version and prepared its
    data, the signatures, the people who can't sign, and all comments."""
    with installation(who) as placet:
        found = placet.approval.sign_off(find_sign_off_id(placet, target, number, environment))
        if as_json:
            return show_json(found.raw)
        show_names([found.id])
        gathered, names = gather(placet, found), Names(placet)
        show_sign_off(found, gathered, names)
    for run in gathered.runs:
        show_line("")
        show_run(run, names)
        show_line(f"on {gathered.data_of(run) or 'no data: the plan does not run the model'}", "dim")
        show_line(f"read more: placet runs report {run.id}", "dim")
    show_line("")
    show_acts(found)


@signoff.command("approve")
def approve(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    rationale: Rationale = None,
    role: Role = None,
    on_behalf_of: OnBehalfOf = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="Sign on a condition: its owner, when it is due and what is to be done; may be repeated.")
    ] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Sign, in your own name or in another person's place. For people, each once; people with a part in the version can't sign. An approval
    whose condition is missed ends."""
    conditions = [condition_of(text) for text in condition or ()]
    body = {"rationale": rationale, "role": role, "on_behalf_of": on_behalf_of, **({"conditions": conditions} if conditions else {})}
    act("approve", body, target, number, environment, who, as_json)


@signoff.command("reject")
def reject(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    rationale: Annotated[str, typer.Option("--rationale", "-r", help="Your reasons, in your words.")],
    role: Role = None,
    scope: Annotated[str, typer.Option(help="bytes: stands against every version of them; request: this request was wrong.")] = "bytes",
    on_behalf_of: OnBehalfOf = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say no; that ends it, and stands against every version with the same bytes, unless only the request was wrong (--scope request)."""
    body = {"rationale": rationale, "role": role, "scope": scope, "on_behalf_of": on_behalf_of}
    act("reject", body, target, number, environment, who, as_json)


@signoff.command("withdraw")
def withdraw(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    rationale: Rationale = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """End one that is open. For its requester or an admin."""
    act("withdraw", {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("revoke")
def revoke(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    rationale: Annotated[str, typer.Option("--rationale", "-r", help="Your reasons, in your words.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Revoke your signature while it is pending, the whole sign-off once it is approved; the gate then says no to these bytes."""
    act("revoke", {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("lineage")
def lineage(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    verdict: Annotated[str, typer.Option(help="confirmed ends the sign-off, set_aside lets it stand.")],
    rationale: Annotated[str, typer.Option("--rationale", "-r", help="Your reasons, in your words.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Decide on claims about its signers after the approval. For an admin who has no part in the bytes and in the sign-off."""
    act("lineage", {"verdict": verdict, "rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("reassign")
def reassign(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    absent: Annotated[str, typer.Option(metavar="PERSON", help="Who is needed and absent, by id or name.")],
    to: Annotated[str, typer.Option(metavar="PERSON", help="Who is to sign, by id or name.")],
    role: Annotated[str, typer.Option(help="In which role of the absent person.")],
    reason: Annotated[str, typer.Option(help="Why, in your words.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Let a person sign this one in the place of a signer who is absent. For owners of the policy without a part in it, who then don't
    sign it."""
    body = {"absent": absent, "to": to, "role": role, "reason": reason}
    act("reassign", body, target, number, environment, who, as_json)


@signoff.command("comment")
def comment(
    text: Annotated[str, typer.Option("--text", "-t", help="The text of the comment.")],
    target: Target,
    number: Number = None,
    environment: Environment = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Comment on it; that decides nothing."""
    act("comments", {"text": text}, target, number, environment, who, as_json)


def act(
    verb: str,
    body: Mapping[str, Any],
    target: str,
    number: int | None,
    environment: str | None,
    who: str | None,
    as_json: bool,
) -> None:
    """Do it, and say how the sign-off stands afterwards."""
    with installation(who) as placet:
        sign_off_id = find_sign_off_id(placet, target, number, environment)
        answer = placet.approval.act(sign_off_id, verb, body)
        if as_json:
            return show_json(answer.raw)
        show_line(_how_it_is(answer, _about(placet, sign_off_id)))


def _about(placet: Client, sign_off_id: str) -> str:
    """Left out where it can't be read: the act is done."""
    try:
        sign_off = placet.approval.sign_off(sign_off_id)
    except ClientError:
        return ""
    return f" of {plain(sign_off.model or sign_off.model_id)}/{plain(sign_off.number)} for {sign_off.environment}"


def _how_it_is(answer: SignOffProgress, about: str) -> str:
    missing = f"; missing: {_terms(answer.missing)}" if answer.state == "pending" and answer.missing else ""
    until = f", valid until {dated(answer.expires_at)}" if answer.state == "approved" and answer.expires_at else ""
    return f"Sign-off {answer.id}{about} is {answer.state}{until}: {answer.have} of {answer.need} have signed{missing}."


def _terms(terms: Sequence[MissingSignatures]) -> str:
    return ", ".join(f"{term.count} × {' or '.join(term.any_of)}" for term in terms) or "no signature"
