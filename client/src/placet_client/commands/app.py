"""The `placet` command: what a pipeline needs, and the commands that other distributions add."""

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from placet_client.commands.deploy import deploy
from placet_client.commands.examples import OF_PLACET, OWN_EXAMPLES, epilog, with_examples
from placet_client.commands.explain import explain
from placet_client.commands.extension import Command, Panel, installed_commands
from placet_client.commands.gate import gate
from placet_client.commands.login import login, logout
from placet_client.commands.output import with_output_everywhere
from placet_client.commands.rollback import rollback
from placet_client.commands.session import chosen_profile
from placet_client.commands.status import status
from placet_client.commands.wait import wait
from placet_client.commands.whoami import whoami
from placet_client.printing.page import show_line
from placet_client.printing.words import plain

__all__ = ["application", "installed_command"]

OWN = (
    Command("login", login, Panel.START, 25),
    Command("logout", logout, Panel.START, 26),
    Command("whoami", whoami, Panel.START, 30),
    Command("status", status, Panel.START, 40),
    Command("explain", explain, Panel.START, 50),
    Command("deploy", deploy, Panel.REGISTER, 30),
    Command("wait", wait, Panel.DEPLOY, 10),
    Command("gate", gate, Panel.DEPLOY, 20),
    Command("rollback", rollback, Panel.DEPLOY, 30),
)


def application(added: Iterable[Command] | None = None) -> typer.Typer:
    """`placet` with its own commands and those that are `added`, by default all that are installed."""
    app = typer.Typer(
        name="placet",
        cls=_Root,
        help="Process governance for machine-learning models: register, verify, sign off, ask the gate.",
        epilog=epilog(OF_PLACET),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_of_placet_itself)
    commands = [*with_examples(OWN, OWN_EXAMPLES), *(installed_commands() if added is None else added)]
    panels = list(Panel)
    for command in sorted(commands, key=lambda command: (panels.index(command.panel), command.weight)):
        if isinstance(command.action, typer.Typer):
            app.add_typer(command.action, name=command.name, rich_help_panel=command.panel)
        else:
            app.command(command.name, epilog=command.epilog, rich_help_panel=command.panel)(command.action)
    return with_output_everywhere(app)


class _Root(TyperGroup):
    """Usage errors name what files and services said: no control character of it reaches the terminal."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = plain(error.message)
            raise


@cache
def installed_command() -> Callable[..., Any]:
    """`placet` with all commands that are installed, ready to be called: made once in a process, as that takes tens of milliseconds."""
    return get_command(application())


def _show_version(wanted: bool) -> None:
    if wanted:
        show_line(f"placet {version('placet-client')}")
        raise typer.Exit


def _of_placet_itself(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version of this command and exit.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Use the token and the addresses of this `placet login`.", show_default=False),
    ] = None,
) -> None:
    """Options before any command."""
    chosen_profile.set(profile)
