"""Views of people and of what they said, as other views name them."""

from dataclasses import dataclass

__all__ = ["Holder", "SaidText"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or a service account; after an erasure only the id is left."""

    id: str
    name: str | None
    display_name: str | None


@dataclass(frozen=True, slots=True)
class SaidText:
    """A rationale or a comment. After its erasure only the commitment is left, HMAC-SHA256 under a salt that is gone too."""

    id: str
    hmac: str
    text: str | None
    erased: bool
