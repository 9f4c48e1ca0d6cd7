"""The installation that a command talks to: addresses and token from options, variables and files, and the positions seen before."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import typer

from placet_client import Addresses, Client, PositionsFile
from placet_client.commands.near_models import advice_for
from placet_client.folders import config_folder, data_folder, state_folder
from placet_client.printing.file_progress import file_progress
from placet_client.problems import NotSignedIn, Problem
from placet_client.profiles import Profiles
from placet_client.retrying import RetryPolicy
from placet_client.sign_in import SignIn, sign_in

__all__ = ["As", "AsJson", "chosen_profile", "installation", "known_addresses", "known_profiles"]

As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Whose token to use: NAME.token in the data folder's tokens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the services answer it.")]

chosen_profile: ContextVar[str | None] = ContextVar("chosen_profile", default=None)
"""What `placet --profile` says, of this run of the command."""


@contextmanager
def installation(who: str | None, retries: RetryPolicy | None = None) -> Iterator[Client]:
    """Connected as `who`, by a profile or by the variables; raises `NotSignedIn`, and a `ClientError` for an invalid address."""
    signed_in, folder = _sign_in(who), data_folder()
    positions = PositionsFile(state_folder() / f"seen-{_name_of(signed_in.addresses, folder)}.json")
    with file_progress() as tell, Client(signed_in.addresses, signed_in.token, positions, retries, tell) as placet:
        try:
            yield placet
        except Problem as problem:
            if problem.resolve is None and (known := advice_for(problem, placet)):
                problem.resolve = known
            raise


def known_addresses(who: str | None) -> Addresses:
    """Those that `installation` talks to, also where there is no token yet."""
    try:
        return _sign_in(who).addresses
    except NotSignedIn:
        return Addresses.from_environment()


def known_profiles() -> Profiles:
    """Those of this account."""
    return Profiles(config_folder() / "profiles")


def _sign_in(who: str | None) -> SignIn:
    return sign_in(who, chosen_profile.get(), data_folder(), known_profiles(), os.environ)


def _name_of(addresses: Addresses, data_dir: Path) -> str:
    """The file of the positions seen; installations on the same ports, one after the other, have different ones."""
    return hashlib.sha256(f"{data_dir.absolute()} {addresses}".encode()).hexdigest()[:16]
