"""The seccomp filter: the last step of the confinement, a list of the system calls that remain.

The program is classic BPF, written here by hand and read by the kernel for every call (man seccomp(2); uapi/linux/filter.h):

1. another architecture's calls, and x32's on x86_64, end the process; 2. calls that only an attack makes end it too;
3. mapping memory as code is refused, and signals go to the process itself; 4. what is allowed is allowed; 5. the rest is EPERM.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable

from placet_verification.adapters.evaluation.kernel import prctl, system_call
from placet_verification.adapters.evaluation.system_calls import ALLOWED, ATTACKS, CHECKED, Numbers

__all__ = ["filter_for", "is_offered", "restrict_self"]

# AUDIT_ARCH_…, the column of the tables, the number of seccomp(2) itself
_ARCHITECTURES = {"x86_64": (0xC000003E, 0, 317), "aarch64": (0xC00000B7, 1, 277)}
_X32 = 0x40000000

_SET_MODE_FILTER = 1
_GET_ACTION_AVAIL = 2
_EVERY_THREAD = 1  # SECCOMP_FILTER_FLAG_TSYNC
_PR_GET_SECCOMP = 21

_KILL_PROCESS = 0x80000000
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# offsets in `struct seccomp_data`; both architectures are little-endian, so the low half of an argument comes first
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_PROT_EXEC = 4


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_offered() -> bool:
    """Whether the kernel has filters with all actions used here, on an architecture whose numbers are known."""
    if platform.machine() not in _ARCHITECTURES:
        return False
    try:
        prctl(_PR_GET_SECCOMP)
        for action in (_KILL_PROCESS, _ALLOW, _ERRNO):
            system_call(_ARCHITECTURES[platform.machine()][2], _GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(action)))
    except OSError:
        return False
    return True


def restrict_self() -> None:
    """Apply the filter to every thread of this process, for ever. Needs no_new_privs; raises OSError."""
    code = filter_for(platform.machine(), os.getpid())
    program = _Program(len(code) // 8, code)
    number = _ARCHITECTURES[platform.machine()][2]
    if stray := system_call(number, _SET_MODE_FILTER, _EVERY_THREAD, ctypes.byref(program)):
        raise OSError(errno.EBUSY, f"thread {stray} has another filter")


def filter_for(machine: str, pid: int) -> bytes:
    """The filter's instructions for this architecture and this process."""
    architecture, column, _ = _ARCHITECTURES[machine]
    program = [
        _instruction(_LOAD, _ARCHITECTURE),
        *_unless(_EQUAL, architecture, _KILL_PROCESS),  # 1
        _instruction(_LOAD, _NUMBER),
        *(_when(_AT_LEAST, _X32, _KILL_PROCESS) if machine == "x86_64" else []),
    ]
    for number in _numbers(ATTACKS, column):  # 2
        program += _when(_EQUAL, number, _KILL_PROCESS)
    checks = {
        "mmap": [*_argument(2), *_when(_ANY_BIT, _PROT_EXEC, _ERRNO | errno.EPERM), _instruction(_RETURN, _ALLOW)],
        "mprotect": [*_argument(2), *_when(_ANY_BIT, _PROT_EXEC, _ERRNO | errno.EPERM), _instruction(_RETURN, _ALLOW)],
        "tgkill": [*_argument(0), *_when(_EQUAL, pid, _ALLOW), _instruction(_RETURN, _KILL_PROCESS)],
        "clone3": [_instruction(_RETURN, _ERRNO | errno.ENOSYS)],
    }
    for name, check in checks.items():  # 3
        program += [_instruction(_EQUAL, CHECKED[name][column] or 0, 0, len(check)), *check]
    for number in _numbers(ALLOWED, column):  # 4
        program += _when(_EQUAL, number, _ALLOW)
    return b"".join([*program, _instruction(_RETURN, _ERRNO | errno.EPERM)])  # 5


def _numbers(calls: Numbers, column: int) -> Iterable[int]:
    return (number for numbers in calls.values() if (number := numbers[column]) is not None)


def _argument(place: int) -> list[bytes]:
    """The low 32 bits of an argument: flags and pids have no others."""
    return [_instruction(_LOAD, _ARGUMENTS + 8 * place)]


def _when(test: int, value: int, action: int) -> list[bytes]:
    return [_instruction(test, value, 0, 1), _instruction(_RETURN, action)]


def _unless(test: int, value: int, action: int) -> list[bytes]:
    return [_instruction(test, value, 1, 0), _instruction(_RETURN, action)]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """`struct sock_filter`."""
    return struct.pack("<HBBI", code, if_true, if_false, value)
