"""The board fits: a table on wide terminals, a shorter one at 80 columns, cards at 40."""

from collections.abc import Sequence
from datetime import UTC, datetime

from placet.commands.board import COLUMNS, IN_SHORT
from placet_client.answers.board import BoardRow, Place
from placet_client.printing.page import Column
from placet_client.printing.tables import cards, table

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
DEV = Place(environment="dev", step="registered", since=AT, waits_for="deployment")
TEST = Place(environment="test", step="registered", since=AT, waits_for="request", ended="rejected")
PROD = Place(environment="prod", step="requested", since=AT, waits_for="signatures", missing=("1 × risk-officer",), have=1, need=2)
ROWS = (
    BoardRow(
        model_id="1", model="fraud", qualification={"risk": "high"}, version_id="v", number=3, registered_at=AT,
        places=(DEV, TEST, PROD), next=PROD, live_number=2, live_environment="prod", lead_time_seconds=3 * 86_400,
    ),
    BoardRow(model_id="2", model="empty"),
)  # fmt: skip


def laid_out(columns: Sequence[Column[BoardRow]]) -> tuple[list[str], list[list[str]]]:
    return [name for name, _ in columns], [[value(row) for _, value in columns] for row in ROWS]


def test_row_says_each_step_and_what_comes_next() -> None:
    headings, (fraud, empty) = laid_out(COLUMNS)
    said = dict(zip(headings, fraud, strict=True))
    assert said["version"] == "fraud/3"
    assert said["qualification"] == "risk=high"
    assert said["steps"] == "dev registered, test registered (rejected), prod requested 1/2"
    assert said["waits for"] == "prod: signatures, 1 × risk-officer"
    assert said["lead time"] == "3 days (2 in prod)"
    assert dict(zip(headings, empty, strict=True))["waits for"] == "a version"


def test_what_is_too_wide_for_80_columns_is_shorter_and_a_card_at_40() -> None:
    assert table(*laid_out(COLUMNS), 160) is not None
    assert table(*laid_out(IN_SHORT), 80) is not None
    assert table(*laid_out(IN_SHORT), 40) is None
    lines = cards(*laid_out(COLUMNS), 40).plain.splitlines()
    assert max(map(len, lines)) <= 40
    assert "waits for:" in "\n".join(lines)
