"""Views of people and of what they said, as other views name them."""

from pydantic import BaseModel, Field

__all__ = ["Holder", "SaidText"]


class Holder(BaseModel):
    """A person or a service account; after an erasure only the id is left."""

    id: str = Field(description="An opaque id, which stays.")
    name: str | None = Field(description="Null after an erasure.", examples=["carol"])
    display_name: str | None = Field(description="Null without one, and after an erasure.", examples=["Carol Danvers"])


class SaidText(BaseModel):
    """A rationale or a comment. After its erasure only the commitment is left, HMAC-SHA256 under a salt that is gone too."""

    id: str = Field(description="Of the text, by which it can be erased.")
    hmac: str = Field(description="The commitment to it that stands in the event.")
    text: str | None = Field(description="Null when it was erased.")
    erased: bool = Field(description="Whether it was.")
