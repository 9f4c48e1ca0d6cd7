"""What a line of the audit log says."""

from datetime import UTC, datetime
from typing import cast

import pytest

from placet.printing.people import Names
from placet.printing.timeline import entry_columns
from placet_client import Client
from placet_client.answers.audit import Entry, SaidWith

NAMES = Names(cast(Client, None))
AT = datetime(2026, 11, 27, tzinfo=UTC)


class OfBob(Names):
    """Knows one person."""

    def of(self, holder_id: str | None) -> str:
        return "bob" if holder_id == "person-1" else holder_id or ""


def details(said: SaidWith | None) -> str:
    entry = Entry(
        index=1, recorded_at=AT, logged_at=AT, source="approval", position=1, type="ApprovalGranted", result="done", subject="m",
        actor="bob", correlation="c", event_id="e", details={"role": "reviewer"}, said=said,
    )  # fmt: skip
    return dict(entry_columns(NAMES))["details"](entry)


@pytest.mark.parametrize(
    ("text", "erased", "shown"),
    [
        ("The figures\nhold.", False, 'role=reviewer, rationale: "The figures hold."'),
        ("\x1b[2J" + "x" * 100, False, f'role=reviewer, rationale: "�[2J{"x" * 76}…"'),
        (None, True, "role=reviewer, rationale (erased)"),
        (None, False, "role=reviewer"),
    ],
)
def test_rationale_stands_with_the_details(text: str | None, erased: bool, shown: str) -> None:
    assert details(SaidWith(kind="rationale", id="i", hmac="h", text=text, erased=erased)) == shown


def test_line_without_a_rationale_has_its_details_alone() -> None:
    assert details(None) == "role=reviewer"


def test_person_in_the_details_is_shown_by_name() -> None:
    entry = Entry(
        index=1, recorded_at=AT, logged_at=AT, source="approval", position=1, type="BreakGlassClosed", result="done", subject="m",
        actor="bob", correlation="c", event_id="e", details={"closed_by": "person-1", "kind": "person-1"}, said=None,
    )  # fmt: skip
    assert dict(entry_columns(OfBob(cast(Client, None))))["details"](entry) == "closed_by=bob, kind=person-1"
