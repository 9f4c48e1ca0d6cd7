"""Times in requests."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from placet_shared.web.timestamps import Timestamp

TIMES: TypeAdapter[datetime] = TypeAdapter(Timestamp)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-06-30T00:00:00Z", datetime(2027, 6, 30, tzinfo=UTC)),
        ("2027-06-30T02:00:00.5+02:00", datetime(2027, 6, 30, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2027-06-30 00:00:00z", datetime(2027, 6, 30, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00-23:59", datetime(1, 1, 1, 23, 59, tzinfo=UTC)),
    ],
)
def test_timestamp_is_in_utc(text: str, moment: datetime) -> None:
    found = TIMES.validate_python(text)
    assert (found, found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize(
    "value",
    [
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+00:01",
        "2027-06-30T00:00:00",
        "2027-06-30",
        "1700000000",
        1_700_000_000,
        1.5,
        True,
        "2027-06-30T00:00:00Z" + " " * 40,
        "",
    ],
)
def test_timestamp_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        TIMES.validate_python(value)
