"""The fork server's side of a fork: a child for each request, its end told, its group killed when the worker no longer waits for it.

One request is a message of one byte with descriptors: the child's lifeline, its standard input, output and error, then its files, which
the child finds at 3, 4, 5 … . The lifeline is a socket whose other end the worker holds: when that end is shut or closed, the child's
process group is killed; when the child has ended, its exit code is written to it in decimal (negative: the signal).

The server has one thread, so a fork is safe, and is the only one who waits for its children, so a pid that it kills is still theirs.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from fcntl import F_DUPFD, fcntl
from functools import partial
from typing import NoReturn

__all__ = ["serve"]

Child = Callable[[int], None]

_MOST_FILES = 32
_ABOVE = 64  # descriptors are parked from here on while they are put in order
_HIGHEST = 2**31 - 1


def serve(asked: socket.socket, child: Child) -> None:
    """Fork a child for each request until the other end is closed; children that are left end with this process."""
    woken, waking = socket.socketpair()
    woken.setblocking(False)
    waking.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    gc.freeze()  # what is here now is shared with all children, and not touched by a collection in one of them
    _Server(asked, woken, child).run()


class _Server:
    def __init__(self, asked: socket.socket, woken: socket.socket, child: Child) -> None:
        self._asked = asked
        self._woken = woken
        self._child = child
        self._lifelines: dict[int, socket.socket] = {}
        self._events = selectors.DefaultSelector()

    def run(self) -> None:
        self._events.register(self._woken, selectors.EVENT_READ, self._reap)
        self._events.register(self._asked, selectors.EVENT_READ, None)
        while True:
            for key, _ in self._events.select():
                if key.data is not None:
                    key.data()
                elif not self._begin():
                    return

    def _begin(self) -> bool:
        """Fork for one request; False when there will be no more."""
        message, files, _, _ = socket.recv_fds(self._asked, 1, _MOST_FILES)
        if not message:
            return False
        lifeline = socket.socket(fileno=files[0])
        server = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # no process or memory to be had: the lifeline ends without an exit code
            traceback.print_exc()
            lifeline.close()
        else:
            if pid == 0:
                _become(self._child, files[1:], server)
            with suppress(OSError):  # the child does the same; the second call may be refused
                os.setpgid(pid, pid)
            self._lifelines[pid] = lifeline
            self._events.register(lifeline, selectors.EVENT_READ, partial(self._kill, pid))
        for file in files[1:]:
            os.close(file)
        return True

    def _kill(self, pid: int) -> None:
        """The worker no longer waits for this child; its end is told all the same. It may just have ended, in the same round of events."""
        if lifeline := self._lifelines.get(pid):
            self._events.unregister(lifeline)
            os.killpg(pid, signal.SIGKILL)

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        while self._lifelines:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # what it has left behind
            lifeline = self._lifelines.pop(pid)
            with suppress(KeyError):  # not there when it was killed
                self._events.unregister(lifeline)
            with suppress(OSError), lifeline:
                lifeline.sendall(b"%d" % os.waitstatus_to_exitcode(status))


def _become(child: Child, files: Sequence[int], server: int) -> NoReturn:
    """Run the child in this process, which ends with it and never returns into the server's code."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with suppress(OSError):
            os.setpgid(0, 0)
        parked = [fcntl(file, F_DUPFD, _ABOVE) for file in files]
        for place, file in enumerate(parked):
            os.dup2(file, place)
        os.closerange(len(files), _HIGHEST)
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
