"""A process that has imported what trials need, and forks a child for each: starting an interpreter and importing takes half a second.

It is an interpreter in isolated mode with an empty environment and no descriptor but the one on which it is asked, so nothing of the
worker is in it or in its children; it reads nothing that is untrusted. Its side is `evaluation.__main__`. `multiprocessing` has
such a server too, which inherits the environment, with the passwords in it.
"""

import os
import sys
from pathlib import Path

import placet_shared
import placet_verification
from placet_shared.forking import asking

__all__ = ["PROGRAM", "ForkServer"]

# isolated mode ignores PYTHONPATH and the working directory, so the folders that are ours are named
PROGRAM = """
import os, runpy, sys
sys.path[:0] = sys.argv[1].split(os.pathsep)
runpy.run_module('placet_verification.adapters.evaluation', run_name='__main__')
"""
_OURS = os.pathsep.join(str(Path(package.__path__[0]).parent) for package in (placet_verification, placet_shared))


class ForkServer(asking.ForkServer):
    """Starts with the first fork, again when it has died, and ends by `close` or with this process.

    It belongs to no event loop. Tests attack from inside by a `program` of their own.
    """

    def __init__(self, program: str = PROGRAM) -> None:
        super().__init__(
            asking.Interpreter(lambda asked: [sys.executable, "-I", "-B", "-c", program, _OURS, str(asked)], environment={}, cwd="/"),
            outage_code="sandbox_unavailable",
        )
