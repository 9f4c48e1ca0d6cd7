"""`placet` and `python -m placet_client`."""

import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from placet_client.commands.app import application, installed_command
from placet_client.commands.extension import Command
from placet_client.printing.errors import show_error
from placet_client.problems import ClientError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None, added: Iterable[Command] | None = None) -> None:
    """Run the command and exit; every expected error ends as advice and an exit code."""
    try:
        command = _loaded(added)
        command(arguments, prog_name="placet")
    except UnicodeEncodeError:
        _end(ClientError("A word that was typed is no UTF-8, and so no text.", "Set the terminal to UTF-8, or type it anew."))
    except ClientError as error:
        _end(error)


def _loaded(added: Iterable[Command] | None) -> Callable[..., object]:
    """The command; what is loaded for it stays, and to look for garbage in it would take a seventh of the time of a short one."""
    gc.disable()
    try:
        return installed_command() if added is None else application(added)
    finally:
        gc.enable()


def _end(error: ClientError) -> NoReturn:
    show_error(error)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
