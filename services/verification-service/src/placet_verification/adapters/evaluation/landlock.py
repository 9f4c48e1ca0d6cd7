"""Landlock without a single rule: from here on the process opens no file, uses no TCP and signals no process outside itself.

Descriptors that are open stay usable as they were opened. Interface: the kernel's userspace-api/landlock.rst and uapi/linux/landlock.h.
"""

import ctypes
import os

from placet_verification.adapters.evaluation.kernel import system_call

__all__ = ["NEWEST", "offered_abi", "restrict_self"]

NEWEST = 7
"""The ABI whose rights are all known here; a newer kernel's additional ones are not denied, and the record says 7."""

# the same numbers on every architecture
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_CREATE_RULESET_VERSION = 1

# the number of access rights on files by ABI: they are bits from 0 on, each ABI added to those before
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16}
_TCP_BIND_AND_CONNECT = 0b11  # from ABI 4 on
_ABSTRACT_UNIX_SOCKETS_AND_SIGNALS = 0b11  # from ABI 6 on


class _Handled(ctypes.Structure):
    """`struct landlock_ruleset_attr`; an older kernel accepts a longer one whose additional fields are zero."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def offered_abi() -> int:
    """The ABI that the kernel offers and this module knows; 0 where Landlock is missing or switched off."""
    try:
        return min(system_call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION), NEWEST)
    except OSError:
        return 0


def restrict_self(abi: int) -> None:
    """Deny all that this ABI can deny; it concerns the calling thread. Raises OSError when the kernel does not know the ABI."""
    handled = _Handled(
        (1 << _FILE_RIGHTS[abi]) - 1,
        _TCP_BIND_AND_CONNECT if abi >= 4 else 0,
        _ABSTRACT_UNIX_SOCKETS_AND_SIGNALS if abi >= 6 else 0,
    )
    ruleset = system_call(_CREATE_RULESET, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    try:
        system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
