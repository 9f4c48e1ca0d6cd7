"""Erasing a free text: text and salt are removed here, and an event says so to every service that keeps a copy (rule 24)."""

from dataclasses import dataclass

from placet_shared.errors import NotFound
from placet_shared.event_store.records import Statement
from placet_shared.event_store.texts import ERASE_TEXT
from placet_shared.event_store.unit_of_work import UnitOfWork

__all__ = ["EraseText", "ErasedText", "erase_text"]

TEXT = "select subject, erased_at is not null as erased from texts where id = $1::uuid"


@dataclass(frozen=True, slots=True)
class EraseText:
    """By the id that stands in the event's commitment."""

    text_id: str


@dataclass(frozen=True, slots=True)
class ErasedText:
    """`subject` is what the text was about."""

    text_id: str
    subject: str


async def erase_text(command: EraseText, uow: UnitOfWork) -> ErasedText:
    """The row, the event and the answer become durable together; a text that is erased already stays so. Raises `NotFound`."""
    rows = await uow.fetch(TEXT, command.text_id)
    if not rows:
        raise NotFound(
            f"There is no text {command.text_id} here.",
            code="text_not_found",
            resolve="Ask the service whose event commits to it; the id stands in the event, beside `hmac`.",
        )
    subject = rows[0]["subject"]
    uow.about(subject)
    if not rows[0]["erased"]:
        uow.record("TextErased", stream=f"text-{command.text_id}", subject=subject, data={"text_id": command.text_id})
        uow.write(Statement(ERASE_TEXT, (command.text_id,)))
    return ErasedText(command.text_id, subject)
