"""People and what they said, as other answers name them."""

from placet_client.answers.answer import Part

__all__ = ["Holder", "SaidText"]


class Holder(Part, frozen=True, kw_only=True):
    """A person or an account, by the names that are known."""

    id: str
    name: str | None = None
    display_name: str | None = None


class SaidText(Part, frozen=True, kw_only=True):
    """A rationale or comment; erased, only its commitment is left."""

    id: str
    hmac: str
    text: str | None = None
    erased: bool
