"""`placet login` and `placet logout`: a profile with the addresses and the token of an installation."""

import os
import sys
from dataclasses import replace
from getpass import getpass
from typing import Annotated

import typer

from placet_client import SERVICES, Addresses, Client
from placet_client.addresses import is_this_machine, variable_of
from placet_client.commands.session import AsJson, chosen_profile, known_profiles
from placet_client.printing.page import note, show_json, show_line, show_warning
from placet_client.printing.words import listed, plain
from placet_client.problems import Missing, NotSignedIn
from placet_client.profiles import DEFAULT, Profile
from placet_client.tokens import checked_token

__all__ = ["login", "logout"]

ProfileName = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="Of the profile; by default PLACET_PROFILE, or default.", show_default=False)
]
LONGEST_LINE = 4096
HOW_TO_SAY_IT = "Type it, or `placet login < FILE`. An admin issues one: placet tokens issue NAME"


def _url(service: str) -> object:
    said = f"Of {service}-service; by default {variable_of(service)}, or what the profile has."
    return typer.Option(f"--{service}", metavar="URL", help=said, show_default=False)


def login(
    registry: Annotated[str | None, _url("registry")] = None,
    verification: Annotated[str | None, _url("verification")] = None,
    approval: Annotated[str | None, _url("approval")] = None,
    audit: Annotated[str | None, _url("audit")] = None,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Keep a token and the addresses that it is for, in a file that only you can read; later commands use them.

    The token is asked for without showing it, or read from standard input: `placet login < token-file`. It is kept once the approval
    service says whose it is, and it is never sent to another address than these.
    """
    name, profiles = _name(profile), known_profiles()
    known = profiles.find(name)
    given = {"registry": registry, "verification": verification, "approval": approval, "audit": audit}
    addresses = _addresses(given, known)
    for service in SERVICES:
        if (url := addresses.of(service)).startswith("http://") and not is_this_machine(url):
            show_warning(f"placet: {url} is not encrypted: the token can be read on the way.")
    _warn_of_two_places(addresses)
    token = _asked_for()
    with Client(addresses, token) as placet:
        identity = placet.approval.whoami()
    file = profiles.keep(Profile(name, addresses, token, identity.token_id))
    if as_json:
        return show_json({"profile": name, "file": str(file), "identity": identity.raw})
    show_line(f"Logged in as {plain(identity.name)} ({listed(identity.roles) or 'no role'}).")
    note(f"The profile {name} is kept in {file}. Next: placet {'' if name == DEFAULT else f'--profile {name} '}status")


def logout(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Remove a profile with its token. The token stays valid until it is revoked."""
    name, profiles = _name(profile), known_profiles()
    if not profiles.remove(name):
        known = ", ".join(profiles.names())
        raise Missing(f"There is no profile {name}.", f"There are {known}." if known else "Nothing is to be done.")
    if as_json:
        return show_json({"profile": name, "removed": True})
    show_line(f"The profile {name} is removed.")
    note("Its token is valid until it is revoked: placet tokens revoke ID")


def _name(given: str | None) -> str:
    return given or chosen_profile.get() or os.environ.get("PLACET_PROFILE") or DEFAULT


def _addresses(given: dict[str, str | None], known: Profile | None) -> Addresses:
    """By the options, else the variables, else the profile that is replaced, else those of this machine; raises `ClientError`."""
    told = {variable_of(service): url or os.environ.get(variable_of(service), "") for service, url in given.items()}
    said = Addresses.from_environment(told)
    if known is None:
        return said
    return replace(known.addresses, **{service: said.of(service) for service in SERVICES if told[variable_of(service)]})


def _asked_for() -> str:
    token = getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline(LONGEST_LINE)
    if not token.strip():
        raise NotSignedIn("There was no token.", HOW_TO_SAY_IT)
    return checked_token(token.strip(), "What was typed", HOW_TO_SAY_IT)


def _warn_of_two_places(addresses: Addresses) -> None:
    """An address that was forgotten is by default one of this machine, where another account may listen."""
    here = [service for service in SERVICES if is_this_machine(addresses.of(service))]
    if 0 < len(here) < len(SERVICES):
        show_warning(
            f"placet: taken to be on this machine, and sent the token too: {', '.join(here)}. Else say --{here[0]} URL and its like."
        )
