"""The installation that a command talks to: addresses and token from variables and files, and the positions seen before."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from placet_client import Addresses, Client, PositionsFile, find_token
from placet_client.folders import data_folder, state_folder
from placet_client.retrying import RetryPolicy

__all__ = ["As", "AsJson", "installation"]

As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Whose token to use: NAME.token in the data folder's tokens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the services answer it.")]


@contextmanager
def installation(who: str | None, retries: RetryPolicy | None = None) -> Iterator[Client]:
    """Connected as `who`, or by the variables; raises `NotSignedIn`, and a `ClientError` for an invalid address."""
    addresses, folder = Addresses.from_environment(), data_folder()
    token = find_token(who, folder, os.environ)
    positions = PositionsFile(state_folder() / f"seen-{_name_of(addresses, folder)}.json")
    with Client(addresses, token, positions, retries) as placet:
        yield placet


def _name_of(addresses: Addresses, data_dir: Path) -> str:
    """The file of the positions seen; installations on the same ports, one after the other, have different ones."""
    return hashlib.sha256(f"{data_dir.absolute()} {addresses}".encode()).hexdigest()[:16]
