"""A ZIP as a gate reads it: plain files side by side, no bytes in front, between or behind, sizes within a limit."""

import codecs
import io
import re
import zipfile
from collections.abc import Mapping

__all__ = ["TooLarge", "read_zip"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ENTRIES = 100_000
codecs.lookup("cp437")  # of names in a ZIP: it is imported on first use, which a confined process can't do
_LOCAL_HEADER, _END = 30, 22
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class TooLarge(ValueError):
    """Unpacked, the file is larger than it may be."""


def read_zip(raw: bytes, limit: int) -> Mapping[str, bytes]:
    """The files by their names, unpacked to at most `limit` bytes; ValueError says what is wrong, `TooLarge` that it is that."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            _refuse_strange(raw, entries, archive.start_dir, archive.comment)
            if (size := sum(entry.file_size for entry in entries)) > limit:
                raise TooLarge(f"{size} bytes unpacked")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(str(error)) from error


def _refuse_strange(raw: bytes, entries: list[zipfile.ZipInfo], directory: int, comment: bytes) -> None:
    if len(entries) > _ENTRIES or len({entry.filename for entry in entries}) != len(entries):
        raise ValueError("a name twice, or too many files")
    place = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        plain = _NAME.fullmatch(entry.filename) and entry.compress_type in _METHODS and not entry.flag_bits & 0b1001
        if not plain or entry.comment or entry.header_offset != place:
            raise ValueError(f"{entry.filename[:100]} is no plain file, or does not follow the one before")
        names = raw[place + 26 : place + _LOCAL_HEADER]
        place += _LOCAL_HEADER + int.from_bytes(names[:2], "little") + int.from_bytes(names[2:], "little") + entry.compress_size
    end = raw.rfind(b"PK\x05\x06")
    if comment or place != directory or end + _END != len(raw):
        raise ValueError("bytes beside the files")
