"""The base of all answers, and their decoding from JSON."""

from typing import Any, Generic, Self, TypeVar

import msgspec

__all__ = ["Answer", "Document", "Page", "Part", "read"]

Document = dict[str, Any]
T = TypeVar("T")
ItemT = TypeVar("ItemT", bound="Answer")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an answer."""


class Answer(Part, frozen=True, kw_only=True, dict=True):
    """An answer of a service, or an item of a listing."""

    @property
    def raw(self) -> Document:
        """The JSON as the service sent it, with members that have no attribute here."""
        raw: Document = self.__dict__.get("raw") or msgspec.to_builtins(self)
        return raw

    def keep(self, raw: Document) -> None:
        """Called by the decoder with the JSON that the answer was read from."""
        self.__dict__["raw"] = raw


class Page(Answer, Generic[ItemT], frozen=True, kw_only=True):
    """Items of a listing; there are more when `next_cursor` is not None."""

    items: tuple[ItemT, ...] = ()
    next_cursor: str | None = None

    def keep(self, raw: Document) -> None:
        """Gives each item its own part of it."""
        super().keep(raw)
        for item, item_raw in zip(self.items, raw.get("items", ()), strict=False):
            item.keep(item_raw)

    def with_next(self, page: Self) -> Self:
        """These items and those of the next page, with the next page's cursor."""
        joined = msgspec.structs.replace(page, items=self.items + page.items)
        joined.keep({**page.raw, "items": [*self.raw["items"], *page.raw["items"]]})
        return joined


def read(content: bytes, answer: type[T]) -> T:
    """Raises `msgspec.DecodeError` for invalid JSON or another answer."""
    raw = msgspec.json.decode(content)
    found = msgspec.convert(raw, answer)
    for one, kept in zip(found, raw, strict=True) if isinstance(found, tuple) else ((found, raw),):
        if isinstance(one, Answer):
            one.keep(kept)
    return found
