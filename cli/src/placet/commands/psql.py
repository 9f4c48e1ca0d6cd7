"""`placet psql`: the embedded PostgreSQL at a terminal."""

import os
from typing import Annotated

import typer

from placet.commands.up import DataDir
from placet_client import SERVICES
from placet_client.printing.page import show_warning
from placet_client.printing.words import listed
from placet_client.problems import ClientError
from placet_shared.settings import default_data_dir

__all__ = ["psql"]

LOGINS = ("reader", "service", "superuser")
Database = Annotated[str, typer.Argument(metavar="DATABASE", help=f"That of a service: {listed(SERVICES)}.")]


def psql(
    database: Database = "audit",
    login: Annotated[str | None, typer.Option("--as", metavar="LOGIN", help=f"{listed(LOGINS)}; see above.", show_default=False)] = None,
    command: Annotated[list[str] | None, typer.Option("--command", "-c", metavar="SQL", help="Run this and end. Repeatable.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Open psql on the embedded PostgreSQL, on the machine where `placet up` runs.

    As reader (by default) it may read the views of the audit log, audit.timeline first of all, and nothing else. The databases of the other
    services are open to their own login only (--as service), which can append events and never change them, and to the superuser.
    Servers of your own have logins of your own.
    """
    if database not in SERVICES:
        raise typer.BadParameter(f"there are {listed(SERVICES)}.", param_hint="DATABASE")
    if login is not None and login not in LOGINS:
        raise typer.BadParameter(f"there are {listed(LOGINS)}.", param_hint="--as")
    if database != "audit" and login in (None, "reader"):
        raise typer.BadParameter(
            f"a reader gets to the audit log only; say --as service or --as superuser for {database}.", param_hint="--as"
        )
    # Only this command needs it, and it takes a while to load.
    from placet.embedded.problems import CannotStart
    from placet.embedded.terminal_session import Login, psql_of

    try:
        program, environment = psql_of(data_dir or default_data_dir(), database, Login(login or "reader"))
    except CannotStart as reason:
        raise ClientError(str(reason)) from reason
    if login == "superuser":
        show_warning("placet: as superuser you can change and remove what the services rely on, the audit log included.")
    words = [word for one in command or () for word in ("-c", one)]
    os.execve(program, [str(program), *words], environment)
