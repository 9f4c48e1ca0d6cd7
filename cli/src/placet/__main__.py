"""`placet` and `python -m placet`."""

import sys
from collections.abc import Sequence

from placet.client.problems import ClientError
from placet.commands.app import app
from placet.commands.exit_codes import exit_code_of
from placet.printing.errors import show_error

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was typed, and exit; every error that was foreseen ends as advice and an exit code."""
    try:
        app(arguments, prog_name="placet")
    except ClientError as error:
        show_error(error)
        sys.exit(exit_code_of(error))


if __name__ == "__main__":
    main()
