"""Free texts beside events."""

from placet_client.answers.answer import Answer

__all__ = ["ErasedText"]


class ErasedText(Answer, frozen=True, kw_only=True):
    """The text is gone; `subject` is what it was about."""

    text_id: str
    subject: str
