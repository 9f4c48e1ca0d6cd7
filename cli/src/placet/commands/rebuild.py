"""`placet rebuild`: rebuilds a projection from the events, while the old one serves."""

from typing import Annotated

import typer

from placet.commands.up import DataDir
from placet_client import SERVICES
from placet_client.printing.words import listed
from placet_shared.settings import default_data_dir

__all__ = ["rebuild"]

Service = Annotated[str, typer.Argument(metavar="SERVICE", help=f"The projection's service: {listed(SERVICES)}.")]
Projection = Annotated[
    str, typer.Argument(metavar="PROJECTION", help="Its name, or all; for an unknown name the service lists those it has.")
]


def rebuild(service: Service, projection: Projection, data_dir: DataDir = None) -> None:
    """Rebuild a projection from the events while the old one serves, on the machine where Placet runs.

    With servers of your own it needs the variables that `placet up` was started with, and PLACET_<SERVICE>_MIGRATION_URL.
    """
    if service not in SERVICES:
        raise typer.BadParameter(f"there are {listed(SERVICES)}.", param_hint="SERVICE")
    from placet.supervisor.rebuilding import rebuild as build_anew  # only this command needs it, and it takes a while to load

    raise typer.Exit(build_anew(data_dir or default_data_dir(), service, projection))
