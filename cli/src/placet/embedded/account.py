"""The operating system's account that PostgreSQL runs as: the caller's own, or when started by root one without rights."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Account", "account_for"]

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its group, without supplementary groups."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        try:
            return f"{pwd.getpwuid(self.uid).pw_name} (uid {self.uid})"
        except KeyError:
            return f"uid {self.uid}"

    @property
    def is_oneself(self) -> bool:
        return self.uid == os.geteuid()

    def barrier_on_the_way_to(self, path: Path) -> Path | None:
        """The outermost folder that this account may not enter on its way into `path`, or None when it gets there."""
        resolved = path.resolve()
        for folder in reversed((resolved, *resolved.parents)):
            if folder.is_dir() and not self._may_enter(folder.stat()):
                return folder
        return None

    def own(self, folder: Path) -> None:
        """Give `folder` to this account alone."""
        folder.chmod(0o700)
        if not self.is_oneself:
            os.chown(folder, self.uid, self.gid)

    def _may_enter(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account_for(postgres_folder: Path) -> Account:
    """The account that runs the server on this folder; as root that is its owner when it exists, otherwise `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if postgres_folder.exists() and (owner := postgres_folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(_NOBODY, _NOBODY)
    return Account(nobody.pw_uid, nobody.pw_gid)
