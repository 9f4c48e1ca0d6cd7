"""The installation that a command talks to: addresses from the settings, a token from wherever it is, what was seen before."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from placet.client import Addresses, ClientError, Installation, PositionsFile, find_token
from placet.client.patience import PATIENCE, Patience
from placet_shared.settings import CommonSettings, SettingsError

__all__ = ["As", "AsJson", "installation"]

As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Whose token to use: NAME.token in the data folder's tokens.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the services answer it.")]


@contextmanager
def installation(who: str | None, patience: Patience = PATIENCE) -> Iterator[Installation]:
    """Connected as `who`, or as the variables say; raises `NotSignedIn`, and a `ClientError` for settings that can't be used."""
    settings = _settings()
    addresses = Addresses.of(settings)
    token = find_token(who, settings.data_dir, os.environ)
    positions = PositionsFile(_state_folder() / f"seen-{_name_of(addresses, settings.data_dir)}.json")
    with Installation(addresses, token, positions, patience) as placet:
        yield placet


def _settings() -> CommonSettings:
    try:
        return CommonSettings.load()
    except SettingsError as error:
        raise ClientError(str(error), "Correct the variables, or unset them.") from error


def _state_folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "placet"


def _name_of(addresses: Addresses, data_dir: Path) -> str:
    """Two installations on the same ports, one after the other, are two."""
    return hashlib.sha256(f"{data_dir.absolute()} {addresses}".encode()).hexdigest()[:16]
