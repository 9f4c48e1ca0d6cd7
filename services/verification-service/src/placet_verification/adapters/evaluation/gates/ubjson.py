"""Universal Binary JSON (draft 12) as far as XGBoost writes it: its reader takes lengths as they stand, so they are checked here first."""

import struct
from typing import Any

import numpy as np

__all__ = ["DEPTH", "read_ubjson"]

DEPTH = 16
_NUMBERS = {"i": ">b", "U": ">B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}
_WORDS = {"Z": None, "T": True, "F": False}


def read_ubjson(raw: bytes) -> Any:
    """The document, arrays of one type as numpy's; ValueError says what is wrong."""
    reader = _Reader(raw)
    found = reader.value(0)
    if reader.place != len(raw):
        raise ValueError(f"{len(raw) - reader.place} bytes after the end")
    return found


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.place = 0

    def value(self, depth: int) -> Any:
        match marker := self._marker():
            case "{":
                return self._object(depth + 1)
            case "[":
                return self._array(depth + 1)
            case "S":
                return self._text()
            case _ if marker in _WORDS:
                return _WORDS[marker]
            case _ if marker in _NUMBERS:
                return self._number(marker)
        raise ValueError(f"unknown marker {marker!r}")

    def _object(self, depth: int) -> dict[str, Any]:
        _refuse_deep(depth)
        found: dict[str, Any] = {}
        while not self._ended("}"):
            name = self._text()
            if name in found:
                raise ValueError("a name stands twice")
            found[name] = self.value(depth)
        return found

    def _array(self, depth: int) -> Any:
        _refuse_deep(depth)
        if self._ended("$"):
            return self._of_one_type()
        if self._ended("#"):
            return [self.value(depth) for _ in range(self._length(1))]
        found = []
        while not self._ended("]"):
            found.append(self.value(depth))
        return found

    def _of_one_type(self) -> Any:
        marker = self._marker()
        if marker not in _NUMBERS or self._marker() != "#":
            raise ValueError("an array of one type has a type of numbers and a length")
        type_ = np.dtype(_NUMBERS[marker])
        return np.frombuffer(self._bytes(self._length(type_.itemsize) * type_.itemsize), dtype=type_)

    def _text(self) -> str:
        return self._bytes(self._length(1)).decode("utf-8")

    def _length(self, unit: int) -> int:
        """A length that the rest of the file can hold, each element taking so many bytes at least."""
        if self._marker() != "L":
            raise ValueError("a length is a 64-bit number")
        length = int(self._number("L"))
        if not 0 <= length * unit <= len(self.raw) - self.place:
            raise ValueError(f"a length of {length} at byte {self.place}")
        return length

    def _number(self, marker: str) -> Any:
        form = _NUMBERS[marker]
        return struct.unpack(form, self._bytes(struct.calcsize(form)))[0]

    def _marker(self) -> str:
        return self._bytes(1).decode("latin-1")

    def _ended(self, marker: str) -> bool:
        """Whether this marker is next; then it is taken."""
        if self.raw[self.place : self.place + 1] != marker.encode():
            return False
        self.place += 1
        return True

    def _bytes(self, count: int) -> bytes:
        if count > len(self.raw) - self.place:
            raise ValueError("the file ends in the middle")
        self.place += count
        return self.raw[self.place - count : self.place]


def _refuse_deep(depth: int) -> None:
    if depth > DEPTH:
        raise ValueError("nested too deeply")
