"""The fork server's side of a fork: a child for each request, its end told, its group killed when the other side gives it up.

One request is a message of one byte with descriptors: the child's lifeline, then those that the child finds at 0, 1, 2 … . The lifeline
is a socket whose other end the asking process holds. On it stand the child's pid and a newline; when the child has ended, its exit code
in decimal (negative: the signal). A byte that comes in on it is a signal for the child; when its other end is shut or closed, the
child's process group is killed.

The server has one thread, so a fork is safe, and is the only one who waits for its children, so a pid that it signals is still theirs.
"""

import gc
import os
import selectors
import signal
import socket
import traceback
from collections.abc import Sequence
from contextlib import suppress
from fcntl import F_DUPFD, fcntl
from functools import partial

__all__ = ["serve"]

_MOST_FILES = 32
_ABOVE = 64  # descriptors are parked from here on while they are put in order
_HIGHEST = 2**31 - 1


def serve(asked: socket.socket) -> int | None:
    """Fork for each request until the other end is closed, and return None then; children that are left end with this process.

    In a child it returns the server's pid. What a child raises must not reach the server's own code, which runs in both.
    """
    woken, waking = socket.socketpair()
    woken.setblocking(False)
    waking.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    gc.freeze()  # what is here now is shared with all children, and not touched by a collection in one of them
    return _Server(asked, woken, waking).run()


class _Server:
    def __init__(self, asked: socket.socket, woken: socket.socket, waking: socket.socket) -> None:
        self._asked = asked
        self._woken = woken
        self._waking = waking
        self._lifelines: dict[int, socket.socket] = {}
        self._events = selectors.DefaultSelector()

    def run(self) -> int | None:
        """As `serve`."""
        server = os.getpid()
        self._events.register(self._woken, selectors.EVENT_READ, self._reap)
        self._events.register(self._asked, selectors.EVENT_READ, None)
        while True:
            for key, _ in self._events.select():
                if key.data is not None:
                    key.data()
                elif not self._begin():
                    return None if os.getpid() == server else server

    def _begin(self) -> bool:
        """Fork for one request; False in the child, and when there will be no more."""
        message, files, _, _ = socket.recv_fds(self._asked, 1, _MOST_FILES)
        if not message:
            return False
        lifeline = socket.socket(fileno=files[0])
        try:
            pid = os.fork()
        except OSError:  # no process or memory to be had: the lifeline ends without an exit code
            traceback.print_exc()
            lifeline.close()
        else:
            if pid == 0:
                self._leave(lifeline)
                _put_in_order(files[1:])
                return False
            with suppress(OSError):  # the child does the same; the second call may be refused
                os.setpgid(pid, pid)
            with suppress(OSError):  # it is given up already, which is heard next
                lifeline.sendall(b"%d\n" % pid)
            self._lifelines[pid] = lifeline
            self._events.register(lifeline, selectors.EVENT_READ, partial(self._hear, pid))
        for file in files[1:]:
            os.close(file)
        return True

    def _leave(self, lifeline: socket.socket) -> None:
        """Nothing of the server's is left in its child: not even a socket object, which would close a descriptor of the child's later."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with suppress(OSError):
            os.setpgid(0, 0)
        self._events.close()
        for one in (self._asked, self._woken, self._waking, lifeline, *self._lifelines.values()):
            one.detach()

    def _hear(self, pid: int) -> None:
        """A signal for the child, or the end of its lifeline. It may just have ended, in the same round of events."""
        if not (lifeline := self._lifelines.get(pid)):
            return
        try:
            sent = lifeline.recv(64)
        except OSError:
            sent = b""
        for number in sent:
            os.kill(pid, number)
        if not sent:
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


def _put_in_order(files: Sequence[int]) -> None:
    """These at 0, 1, 2 … , and no others."""
    parked = [fcntl(file, F_DUPFD, _ABOVE) for file in files]
    for place, file in enumerate(parked):
        os.dup2(file, place)
    os.closerange(len(files), _HIGHEST)
