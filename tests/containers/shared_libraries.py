"""Reads which other libraries a shared library asks the system's loader for: the dynamic section of ELF, by its specification."""

import mmap
import struct
from pathlib import Path
from typing import NamedTuple

__all__ = ["SharedLibrary", "read_shared_library"]

_ELF_OF_64_BITS = b"\x7fELF\x02\x01"
_DYNAMIC = 6
_NEEDED = 1


class SharedLibrary(NamedTuple):
    """Its file's name, and the names that it needs."""

    file: str
    needs: frozenset[str]


class _Section(NamedTuple):
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


def read_shared_library(path: Path) -> SharedLibrary | None:
    """None for what is no ELF file of 64 bits with the low byte first."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        return SharedLibrary(path.name, frozenset(_needed(raw))) if raw[:6] == _ELF_OF_64_BITS else None


def _needed(raw: mmap.mmap) -> list[str]:
    (table,) = struct.unpack_from("<Q", raw, 40)
    size, count = struct.unpack_from("<HH", raw, 58)
    sections = [_Section(*struct.unpack_from("<IIQQQQIIQQ", raw, table + size * place)) for place in range(count)]
    names = []
    for section in sections:
        if section.type == _DYNAMIC:
            texts = sections[section.link].offset
            for tag, value in struct.iter_unpack("<QQ", raw[section.offset : section.offset + section.size]):
                if tag == _NEEDED:
                    names.append(raw[texts + value : raw.find(b"\0", texts + value)].decode())
    return names
