"""The documentation of the events is the contracts' own."""

import json
import runpy
from pathlib import Path


def test_tables_of_events_are_what_the_contracts_say(root: Path) -> None:
    page = (root / "docs/events.md").read_text()
    with_tables = runpy.run_path(str(root / "docs/write_events.py"))["with_tables"]
    assert page == with_tables(page), "`make docs` writes it anew"


def test_asyncapi_document_is_what_the_contracts_say(root: Path) -> None:
    made = runpy.run_path(str(root / "docs/write_asyncapi.py"))["page"]()
    assert (root / "docs/asyncapi.yaml").read_text() == made, "`make docs` writes it anew"


def test_official_parser_is_locked_by_hash_and_without_addresses(root: Path) -> None:
    packages = json.loads((root / "tests/contracts/official_parser/package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert [name for name, package in installed.items() if "resolved" in package or "integrity" not in package] == []


def test_official_parser_is_not_done_without_where_ci_runs(root: Path) -> None:
    assert "PLACET_REQUIRE_NODE=1" in (root / ".ci/run").read_text()
