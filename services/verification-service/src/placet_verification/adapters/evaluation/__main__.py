"""The program of the fork server (`adapters.fork_server`): import what trials need, then fork a child for each.

Its one argument is the descriptor on which it is asked. It reads nothing that is untrusted.
"""

import socket
import sys

from placet_verification.adapters.evaluation.confinement import give_up_privileges_of_server
from placet_verification.adapters.evaluation.forking import serve


def main() -> None:
    """Until the worker closes its end."""
    give_up_privileges_of_server()
    # libraries take gigabytes of address space and want threads of their own, so they come before a child's limits
    from placet_verification.adapters.evaluation import child, preloaded

    preloaded.preload()
    with socket.socket(fileno=int(sys.argv[-1])) as asked:
        serve(asked, child.main)


if __name__ == "__main__":
    main()
