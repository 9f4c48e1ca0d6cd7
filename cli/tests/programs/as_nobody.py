"""Root becomes `nobody` and then the program that is named: `as_nobody.py <command> …`.

It may still open files everywhere, as the interpreter and this clone may lie in a folder of root's alone; all else that root
may do is gone.
"""

import ctypes
import os
import pwd
import struct
import sys

CAP_DAC_OVERRIDE = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522


def keep_only(capability: int) -> None:
    """Of the capabilities that PR_SET_KEEPCAPS has kept over setuid, hold this one, also after exec."""
    libc = ctypes.CDLL(None, use_errno=True)
    held = 1 << capability
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    if libc.capset(header, struct.pack("6I", held, held, held, 0, 0, 0)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    if libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    nobody = pwd.getpwnam("nobody")
    ctypes.CDLL(None).prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    keep_only(CAP_DAC_OVERRIDE)
    os.execv(sys.argv[1], sys.argv[1:])
