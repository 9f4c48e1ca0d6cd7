"""Log files of the processes: appended to while they run, rotated by size before they start."""

from pathlib import Path

__all__ = ["rotate"]

_LARGEST = 10 * 1024 * 1024
_KEPT = 5


def rotate(log: Path, largest: int = _LARGEST, kept: int = _KEPT) -> None:
    """Move a log that has grown beyond `largest` bytes to `<log>.1`, the one before to `.2`, and so on."""
    if not log.exists() or log.stat().st_size <= largest:
        return
    for number in range(kept - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))
