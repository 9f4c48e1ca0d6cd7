"""Becomes another program, as another account if need be, that ends when the parent ends.

Run as a script in the child. A hook between fork and exec would do the same, but Python code there can deadlock
when the parent has threads.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["ending_with_parent"]

_PR_SET_PDEATHSIG = 1


def ending_with_parent(command: Sequence[str], *, parent_died: signal.Signals, uid: int | None = None, gid: int | None = None) -> list[str]:
    """The command line that runs `command` as this account and sends it `parent_died` when the calling thread's process ends.

    Without `uid` the account stays. Only Linux supports this; elsewhere the caller stops its children at exit.
    """
    account = f"{os.geteuid() if uid is None else uid}:{os.getegid() if gid is None else gid}"
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(parent_died)), account, *command]


def _become(parent: int, parent_died: int, account: str, command: Sequence[str]) -> None:
    uid, gid = (int(part) for part in account.split(":"))
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After setuid, which clears it; and the parent may have died before it was set.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, parent_died, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")
    os.execv(command[0], list(command))


if __name__ == "__main__":
    _become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
