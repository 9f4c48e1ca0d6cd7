"""Files that hold one secret each: made once, whole or not at all, readable by their owner only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

__all__ = ["keep_secret", "new_password"]


def new_password() -> str:
    """192 random bits, without characters that a URL would have to escape."""
    return secrets.token_urlsafe(24)


def keep_secret(file: Path, make: Callable[[], str] = new_password) -> str:
    """The secret in `file`, created when there is none yet."""
    if not file.exists():
        _write_whole(file, make())
    return file.read_text().strip()


def _write_whole(file: Path, secret: str) -> None:
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secret + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.rename(file)
