"""Facts about the bytes of a data set, as its registrar states them: bounded words and numbers, since all of them go into an event."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from placet_registry.domain.lineage import DataRole
from placet_registry.domain.words import column_name, column_type, iso_date, sha256_digest
from placet_shared.errors import FieldError, Invalid, Malformed

__all__ = ["COLUMN_LIMIT", "DataColumn", "DataFacts", "DataFormat", "Period", "fingerprint"]

DataFormat = Literal["csv", "parquet"]

COLUMN_LIMIT: Final = 2_000
FACTS_LIMIT: Final = 65_000
"""Bytes of JSON; an event's data may be 65,536 bytes, id, name and number included."""
ROWS_LIMIT: Final = 2**63


@dataclass(frozen=True, slots=True)
class DataColumn:
    """A column by the name that the data have for it, and its type."""

    name: str
    type: str

    def plain(self, where: str) -> dict[str, str]:
        """The contract's form; raises `Malformed`."""
        return {"name": column_name(f"{where}.name", self.name), "type": column_type(f"{where}.type", self.type)}


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day that the data are about, ISO 8601."""

    first: str
    last: str

    def plain(self) -> dict[str, str]:
        """The contract's form; raises `Malformed`."""
        first, last = iso_date("period.from", self.first), iso_date("period.to", self.last)
        if last < first:
            raise _malformed("period.to", self.last, f"a day that is not before {first}")
        return {"from": first.isoformat(), "to": last.isoformat()}


@dataclass(frozen=True, slots=True)
class DataFacts:
    """None stands for what is not known; `owner` is a person's id, `size` is in bytes."""

    sha256: str
    size: int
    format: DataFormat
    columns: Sequence[DataColumn] | None
    rows: int | None
    period: Period | None
    role: DataRole
    owner: str

    def plain(self) -> dict[str, Any]:
        """The contract's form; raises `Malformed`, and `Invalid` for more than an event may hold."""
        facts = {
            "sha256": sha256_digest("sha256", self.sha256),
            "size": self.size,
            "format": _one_of("format", self.format, get_args(DataFormat)),
            "columns": None if self.columns is None else _plain_columns(self.columns),
            "rows": self.rows,
            "period": self.period.plain() if self.period else None,
            "role": _one_of("role", self.role, get_args(DataRole)),
            "owner": self.owner,
        }
        if self.rows is not None and not 0 <= self.rows < ROWS_LIMIT:
            raise _malformed("rows", self.rows, "a number from 0")
        _refuse_too_large(facts)
        return facts


def fingerprint(facts: dict[str, Any]) -> str:
    """The same for the same plain facts only."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _plain_columns(columns: Sequence[DataColumn]) -> list[dict[str, str]]:
    if len(columns) > COLUMN_LIMIT:
        raise _malformed("columns", f"{len(columns)} columns", f"at most {COLUMN_LIMIT} columns, or null")
    plain = [column.plain(f"columns.{place}") for place, column in enumerate(columns)]
    for place in _repeated([column["name"] for column in plain]):
        raise _malformed(f"columns.{place}.name", plain[place]["name"], "a name that no other column has")
    return plain


def _repeated(names: Sequence[str]) -> Iterator[int]:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            yield place
        seen.add(name)


def _one_of(field: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise _malformed(field, value, " | ".join(known))
    return value


def _refuse_too_large(facts: dict[str, Any]) -> None:
    size = len(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode())
    if size > FACTS_LIMIT:
        raise Invalid(
            f"The facts about this data set are {size} bytes of JSON; they may have {FACTS_LIMIT}.",
            code="dataset_facts_too_large",
            resolve="Send null for columns: the data name them too.",
            errors=[FieldError("columns", f"{size} bytes", f"columns that fit into {FACTS_LIMIT} bytes of JSON, or null")],
        )


def _malformed(field: str, value: Any, allowed: str) -> Malformed:
    shown = str(value)[:100]
    return Malformed(f"{field}: {shown!r} is not allowed.", resolve=f"Send {allowed}.", errors=[FieldError(field, shown, allowed)])
