"""A blob: bytes named by their SHA-256, kept once and never changed."""

from datetime import datetime
from typing import Self

from placet_registry.domain.words import sha256_digest
from placet_shared.aggregates import Aggregate, Created
from placet_shared.errors import FieldError, Invalid

__all__ = ["Blob", "refuse_other_digest"]


class Blob(Aggregate):
    """One blob; its stream's key is its digest, so that it can be stored only once."""

    TOPIC = "Blob"
    CATEGORY = "blob"

    sha256: str
    size: int

    class BlobStored(Created):
        """The bytes are on disk and their digest was checked."""

        TOPIC = "BlobStored"

        sha256: str
        size: int

    @classmethod
    def store(cls, sha256: str, size: int, at: datetime) -> Self:
        """Record bytes that are durable already."""
        sha256 = sha256_digest("sha256", sha256)
        return cls.create(cls.BlobStored, key=sha256, at=at, sha256=sha256, size=size)


def refuse_other_digest(claimed: str, received: str, size: int) -> None:
    """Raises `Invalid` when the bytes that came are not the bytes that were announced."""
    if claimed != received:
        raise Invalid(
            f"The {size} bytes that arrived have SHA-256 {received}, not {claimed}.",
            code="digest_mismatch",
            resolve="Compute the digest of the file again and send the whole file; nothing was kept.",
            errors=[FieldError("sha256", claimed, received)],
            claimed=claimed,
            received=received,
        )
