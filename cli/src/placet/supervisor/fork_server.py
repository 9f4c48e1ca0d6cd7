"""The fork server of `placet up`, run as a script: it imports what the services share, then forks one of them for each request.

`fork_server.py MODULE … DESCRIPTOR`. A child finds what it is to run at descriptor 3 (`programs` writes it) and becomes the program as if
it had been started by `python -P -m`. When a file that the server has loaded has changed since, the child starts an interpreter anew: a
program that is started after an upgrade runs what is on the disk then.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from placet_shared.forking.serving import serve

__all__ = ["REQUEST"]

REQUEST = 3
# What a terminal or an init system sends to all processes at once: programs end by it in their own time, which is also the server's.
_FOR_PROGRAMS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_ARG_START, _ARG_END = 48, 49  # fields of /proc/self/stat, as proc_pid_stat(5) numbers them

_Stamps = Mapping[str, tuple[int, int, int] | None]


def main() -> None:
    """Until the supervisor closes its end; in a child, until the program ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_PROGRAMS)
    before = dict(os.environ)
    gc.disable()  # what is imported stays: to look for garbage in it meanwhile takes a part of the start
    for name in sys.argv[1:-1]:
        with suppress(Exception):  # the program that needs it says so in its own log
            importlib.import_module(name)
    gc.enable()
    set_by_imports = {name: value for name, value in os.environ.items() if before.get(name) != value}
    loaded = _stamps(_loaded_files())
    with socket.socket(fileno=int(sys.argv[-1])) as asked:
        server = serve(asked)
    if server is not None:
        _become_program(server, loaded, set_by_imports)


def _become_program(server: int, loaded: _Stamps, set_by_imports: Mapping[str, str]) -> None:
    """It ends as the interpreter does: this process has left the server's loop, with nothing of it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:
        raise SystemExit("the fork server is gone")
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FOR_PROGRAMS)
    with open(REQUEST, "rb") as file:
        request = json.load(file)
    environment, (package, *arguments) = request["environment"], request["words"]
    if _stamps(loaded) != loaded:
        os.execve(request["command"][0], request["command"], environment)
    os.environ.clear()
    os.environ.update({**environment, **set_by_imports})
    _take_name(package, request["command"])
    importlib.invalidate_caches()
    sys.argv = [package, *arguments]
    runpy.run_module(package, run_name="__main__", alter_sys=True)


def _take_name(package: str, command: Sequence[str]) -> None:
    """For `ps` and `top`: the command line that would have started the program, written over the server's, which is longer."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    begin, end = (int(fields[number - 3]) for number in (_ARG_START, _ARG_END))
    words = "\0".join(command).encode()[: end - begin - 1]
    ctypes.memmove(begin, words.ljust(end - begin, b"\0"), end - begin)
    ctypes.CDLL(None).prctl(_PR_SET_NAME, package.encode(), 0, 0, 0)


def _loaded_files() -> set[str]:
    """Modules, the interpreter, and the libraries that are mapped."""
    modules = {file for module in list(sys.modules.values()) if isinstance(file := getattr(module, "__file__", None), str)}
    maps = (line.split(maxsplit=5) for line in Path("/proc/self/maps").read_text().splitlines())
    return modules | {fields[5] for fields in maps if len(fields) > 5 and fields[5].startswith("/")}


def _stamps(files: Iterable[str]) -> _Stamps:
    """What tells each file from another in its place; None for one that is not there."""
    found: dict[str, tuple[int, int, int] | None] = dict.fromkeys(files)
    for file in found:
        with suppress(OSError):
            seen = os.stat(file)
            found[file] = seen.st_ino, seen.st_size, seen.st_mtime_ns
    return found


if __name__ == "__main__":
    main()
