"""`placet up`: everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from placet_shared.settings import default_data_dir

__all__ = ["up"]

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="PLACET_DATA_DIR", help="The data folder.", show_default=str(default_data_dir())),
]


def up(data_dir: DataDir = None) -> None:
    """Start PostgreSQL and the services on this machine; Ctrl-C stops them.

    A PLACET_<SERVICE>_DATABASE_URL makes that service use a server of your own.
    """
    from placet.supervisor import up as supervise  # only this command needs it, and it takes a while to load

    raise typer.Exit(supervise(data_dir or default_data_dir()))
