"""The program of the fork server (`adapters.fork_server`): import what trials need, then fork a child for each.

Its one argument is the descriptor on which it is asked. It reads nothing that is untrusted.
"""

import os
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from placet_shared.forking.serving import serve
from placet_verification.adapters.evaluation.confinement import give_up_privileges_of_server

__all__ = ["end_with"]


def main() -> None:
    """Until the worker closes its end."""
    give_up_privileges_of_server()
    # libraries take gigabytes of address space and want threads of their own, so they come before a child's limits
    from placet_verification.adapters.evaluation import child, preloaded

    preloaded.preload()
    with socket.socket(fileno=int(sys.argv[-1])) as asked:
        server = serve(asked)
    if server is not None:
        end_with(child.main, server)


def end_with(child: Callable[[int], None], server: int) -> NoReturn:
    """Run the child in this process, which ends with it: nothing of the interpreter's own end runs after a model."""
    code = 1
    try:
        child(server)
        code = 0
    except SystemExit as left:
        print(left, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
