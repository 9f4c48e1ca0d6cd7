"""System calls that Python has no function for, by number through the C library; a refusal is an OSError."""

import ctypes
import os
from typing import Any

__all__ = ["prctl", "system_call"]

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


def system_call(number: int, *arguments: Any) -> int:
    """Integers are passed as 64 bits, pointers as they are. Raises OSError."""
    result: int = _LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(value) if isinstance(value, int) else value for value in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def prctl(option: int, value: int = 0) -> int:
    """Raises OSError."""
    result: int = _LIBC.prctl(ctypes.c_int(option), *(ctypes.c_ulong(argument) for argument in (value, 0, 0, 0)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
