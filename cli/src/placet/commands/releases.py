"""`placet releases`: versions of several models that are signed off as one."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from placet.commands.listing import Limit, noun
from placet.commands.signoff import OnBehalfOf, Rationale, Role
from placet.printing.releases import COLUMNS, IN_SHORT, how_it_is, show_release
from placet_client import Client, ClientError
from placet_client.commands import completion
from placet_client.commands.defaults import Defaults
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, named_version
from placet_client.printing.page import note, show_json, show_line, show_names, show_table, show_warning

__all__ = ["releases"]

releases = noun("Releases: versions of several models, requested, signed and deployed as one.")

Release = Annotated[str, typer.Argument(metavar="RELEASE", help="Id of a release; or its name, of which the newest is meant.")]
Versions = Annotated[
    list[str], typer.Argument(metavar="MODEL/NUMBER...", help="Two to twenty, each of another model.", autocompletion=completion.models)
]
Where = Annotated[
    str | None,
    typer.Option("--environment", "-e", help="Of several with this name: the one for there.", autocompletion=completion.environments),
]


@releases.command("request")
def request_release(
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people: small letters, digits and . _ -; it may have been used before.")],
    versions: Versions,
    environment: Environment = None,
    rationale: Rationale = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Request the sign-offs of several versions, which people then sign as one. For developers; one that is refused refuses all."""
    defaults = Defaults()
    where, named = defaults.environment(environment), [named_version(one, None) for one in versions]
    defaults.tell()
    with installation(who) as placet:
        ids = [placet.registry.version(one.model, one.number).id for one in named]
        requested = placet.approval.request_release(name, where, ids, rationale)
    if as_json:
        return show_json(requested.raw)
    for obstacle in requested.obstacles:
        show_warning(f"placet: {obstacle.detail} [{obstacle.code}]\n  → {obstacle.resolve}")
    note(f"Requested: {len(ids)} versions for {where}, signed as one: placet releases approve {requested.id}")
    show_names([requested.id])
    show_line(requested.id)


@releases.command("list")
def list_releases(
    open_: Annotated[bool, typer.Option("--open", help="Only those that wait for people.")] = False,
    environment: Environment = None,
    name: Annotated[str | None, typer.Option(help="Only those of this name.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        page = placet.approval.releases(limit, open=open_, environment=environment, name=name)
    if as_json:
        return show_json(page.raw)
    show_names(one.id for one in page.items)
    show_table(COLUMNS, page.items, "There is no release that fits.", narrow=IN_SHORT)
    if page.next_cursor:
        note(f"There are more than these {limit}; see --limit.")


@releases.command("show")
def show(release: Release, environment: Where = None, who: As = None, as_json: AsJson = False) -> None:
    """One release: each of its versions, and how its sign-off stands."""
    with installation(who) as placet:
        found = placet.approval.find_release(release, environment)
    if as_json:
        return show_json(found.raw)
    show_names([found.id])
    show_release(found)


@releases.command("approve")
def approve(
    release: Release,
    environment: Where = None,
    rationale: Rationale = None,
    role: Role = None,
    on_behalf_of: OnBehalfOf = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Sign every version of it that lacks your signature, or none. For people without a part in any of them; the last signature approves
    all."""
    _decide("approve", {"rationale": rationale, "role": role, "on_behalf_of": on_behalf_of}, release, environment, who, as_json)


@releases.command("reject")
def reject(
    release: Release,
    environment: Where = None,
    *,
    rationale: Annotated[str, typer.Option("--rationale", "-r", help="Your reasons, in your words.")],
    role: Role = None,
    on_behalf_of: OnBehalfOf = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say no to the release; that ends it. To say no to the bytes of one version reject its sign-off, and the release ends with it."""
    _decide("reject", {"rationale": rationale, "role": role, "on_behalf_of": on_behalf_of}, release, environment, who, as_json)


@releases.command("withdraw")
def withdraw(release: Release, environment: Where = None, rationale: Rationale = None, who: As = None, as_json: AsJson = False) -> None:
    """End one that is open, with all its sign-offs. For its requester or an admin."""
    _decide("withdraw", {"rationale": rationale}, release, environment, who, as_json)


def _decide(verb: str, body: Mapping[str, Any], release: str, environment: str | None, who: str | None, as_json: bool) -> None:
    with installation(who) as placet:
        found = placet.approval.find_release(release, environment)
        answer = placet.approval.decide_release(found.id, verb, body)
        if as_json:
            return show_json(answer.raw)
        show_line(how_it_is(answer, found.name, _names(placet, found.id)))


def _names(placet: Client, release_id: str) -> Mapping[str, str]:
    """Of its versions, by id; none where it can't be read: the act is done."""
    try:
        return {one.version_id: one.name for one in placet.approval.release(release_id).members}
    except ClientError:
        return {}
