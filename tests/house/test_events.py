"""The documentation of the events is the contracts' own."""

import runpy
from pathlib import Path


def test_tables_of_events_are_what_the_contracts_say(root: Path) -> None:
    page = (root / "docs/events.md").read_text()
    with_tables = runpy.run_path(str(root / "docs/write_events.py"))["with_tables"]
    assert page == with_tables(page), "`make docs` writes it anew"
