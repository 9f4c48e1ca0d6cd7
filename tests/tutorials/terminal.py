"""A page from its first command to its last, in one shell and an empty folder, as a reader types them."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .pages import Step
from .typed import answering, function

__all__ = ["Said", "type_all"]

END = "\x1e"
# The next command may ask for the exit code of the one before.
SAID = f"said() {{ local code=$?; printf '{END}%s{END}' $code; return $code; }}"
WITHIN = 240.0


class Said(list[tuple[str, int]]):
    """What each step printed, on both of its streams, and its exit code."""


def type_all(steps: Sequence[Step], folder: Path, environment: Mapping[str, str]) -> Said:
    """What was said up to the end, or to the block that failed."""
    bin = Path(sys.executable).parent
    variables = {**environment, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
    with answering() as port, (folder.parent / f"{folder.name}.said").open("a+") as output:
        script = "\n".join([function(port), SAID, *map(_typed, steps)])
        with subprocess.Popen(
            ["bash", "-c", script], cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as shell:
            try:
                shell.wait(WITHIN)
            finally:
                shell.kill()
        output.seek(0)
        pieces = output.read().split(END)
    said = Said(zip(pieces[::2], map(int, pieces[1::2]), strict=False))
    if len(said) < len(steps):
        said.append((pieces[-1], shell.returncode or -1))
    return said


def _typed(step: Step) -> str:
    """A block ends where a command in it fails; at a terminal one goes on."""
    code = f"eval {shlex.quote(step.code)}"
    return f"set -e\n{code}\nset +e; said" if step.shown is None else f"{code}\nsaid"
