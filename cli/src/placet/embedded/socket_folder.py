"""The folder of PostgreSQL's socket: short, because the system refuses a socket whose path is longer than 107 bytes."""

import os
import stat
import tempfile
from pathlib import Path

from placet.embedded.account import Account
from placet.embedded.problems import CannotStart

__all__ = ["socket_folder"]

_LONGEST_PATH = 103  # macOS; Linux allows 107
_SOCKET = "/.s.PGSQL.5432.lock"


def socket_folder(account: Account, record: Path) -> Path:
    """The folder named in `record`, or a new one with an unguessable name that is noted there for the next start.

    Reused only if it is still `account`'s own and private: every user may make folders in the temporary directory.
    """
    if record.exists() and _is_private(known := Path(record.read_text().strip()), account):
        return known
    folder = Path(tempfile.mkdtemp(prefix="placet-", dir=_short_temporary_folder(account)))
    account.own(folder)
    record.write_text(f"{folder}\n")
    return folder


def _short_temporary_folder(account: Account) -> Path:
    """`TMPDIR` if it is short and reachable, otherwise the system's own."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp")]
    for folder in candidates:
        length = len(os.fsencode(folder)) + len("/placet-xxxxxxxx") + len(_SOCKET)
        if length <= _LONGEST_PATH and folder.is_dir() and account.barrier_on_the_way_to(folder) is None:
            return folder
    raise CannotStart(
        f"Neither {candidates[0]} nor {candidates[1]} can hold PostgreSQL's socket; "
        f"set TMPDIR to a short folder that {account.name} can enter."
    )


def _is_private(folder: Path, account: Account) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == account.uid and stat.S_IMODE(status.st_mode) == 0o700
