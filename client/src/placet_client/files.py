"""Files by their SHA-256."""

import hashlib
from pathlib import Path

__all__ = ["sha256_of"]


def sha256_of(file: Path) -> str:
    """Hexadecimal; the file is read once, never as a whole."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
