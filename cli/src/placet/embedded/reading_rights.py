"""Lets one account read a file or a folder, and all others but the owner not.

Root gives the file away. An ordinary user can't, but may name one more reader of a file of their own in its access control list
(acl(5), as Linux keeps it in the extended attribute `system.posix_acl_access`: no program is needed to write one).
"""

import errno
import os
import struct
from enum import Enum
from pathlib import Path

__all__ = ["Given", "let_read"]

ACL_ATTRIBUTE = "system.posix_acl_access"
ACL_VERSION = 2
USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF
NO_LISTS_HERE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


class Given(Enum):
    """How the right was given."""

    OWNERSHIP = "the account owns it"
    LIST = "its access control list names the account"
    EVERYBODY = "every account that can reach it may read it"


def let_read(path: Path, uid: int) -> Given:
    """Only `uid` and the owner may read `path` from now on; raises `OSError`.

    On a file system without access control lists (and where the system has none) every account may: then the folder around it
    has to keep others away.
    """
    read = 0o5 if path.is_dir() else 0o4
    if os.geteuid() == 0:
        os.chown(path, uid, -1)
        path.chmod(read << 6)
        return Given.OWNERSHIP
    own = 0o7 if path.is_dir() else 0o6
    path.chmod(own << 6)
    if uid == os.geteuid() or _name_reader(path, own, uid, read):
        return Given.LIST
    path.chmod(own << 6 | read << 3 | read)
    return Given.EVERYBODY


def _name_reader(path: Path, own: int, uid: int, read: int) -> bool:
    entries = ((USER_OBJ, own, NO_ID), (USER, read, uid), (GROUP_OBJ, 0, NO_ID), (MASK, read, NO_ID), (OTHER, 0, NO_ID))
    packed = struct.pack("<I", ACL_VERSION) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    if not hasattr(os, "setxattr"):
        return False
    try:
        os.setxattr(path, ACL_ATTRIBUTE, packed)
    except OSError as refused:
        if refused.errno in NO_LISTS_HERE:
            return False
        raise
    return True
