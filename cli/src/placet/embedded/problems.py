"""Errors that keep Placet from starting; every message says what to do about it.

CannotStart
├── CannotCarryOver    the data of an earlier release can't be migrated
├── FolderInUse        another process works on this data folder
├── FolderUnreachable  the account that PostgreSQL must run as can't get there
├── PortInUse          another program listens on a service's port
└── ProgramFailed      PostgreSQL or a service ended at once; the end of its log is in the message
"""

from pathlib import Path

__all__ = ["CannotCarryOver", "CannotStart", "FolderInUse", "FolderUnreachable", "PortInUse", "ProgramFailed"]


class CannotStart(Exception):
    """Carries one message for the person at the terminal."""


class CannotCarryOver(CannotStart):
    """The one database of an earlier release could not become one for each service; it is unchanged."""

    def __init__(self, database: str, why: str) -> None:
        super().__init__(
            f"The database {database} of an earlier release could not be given to the services one by one: {why}. "
            "Nothing was lost; resolve that and start again. It needs room for two more copies, and no other connection "
            "(docs/operations.md, One database for each service)."
        )


class FolderInUse(CannotStart):
    """Another live process holds the lock of the data folder."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder} is already in use by {holder}. Stop that one first, or choose another folder with PLACET_DATA_DIR.")
        self.pid = pid


class FolderUnreachable(CannotStart):
    """PostgreSQL refuses to run as root, and the account it runs as instead can't enter the data folder."""

    def __init__(self, folder: Path, barrier: Path, account: str) -> None:
        super().__init__(
            f"PostgreSQL never runs as root; started by root it runs as {account}, which may not enter {barrier} "
            f"and so can't reach {folder}. Choose a folder that it can reach with PLACET_DATA_DIR "
            f"(the default for root is /var/lib/placet), or start Placet as an ordinary user."
        )
        self.barrier = barrier


class NothingRuns(CannotStart):
    """The data folder has no PostgreSQL that runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"No Placet runs on {folder}. Start it with `placet up`, or name its folder with PLACET_DATA_DIR.")


class PortInUse(CannotStart):
    """Another program listens on a service's port."""

    def __init__(self, service: str, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host}, where {service}-service should listen, is in use by another program. "
            f"Stop that one, or choose another port with PLACET_{service.upper()}_PORT."
        )


class ProgramFailed(CannotStart):
    """A program ended when it should not have."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        super().__init__(f"{name} {what}. The end of its log, {log}:\n{_last_words(log)}")


def _last_words(log: Path, lines: int = 8, longest: int = 64 * 1024) -> str:
    if not log.exists():
        return "  (none)"
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - longest))
        said = opened.read().decode(errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in said[-lines:])
