"""The page of checks is made from the kinds that there are, and each says what it is and what its parameters are."""

import runpy
from pathlib import Path

from placet_verification.checks import check_kinds


def test_page_of_checks_is_what_the_kinds_say(root: Path) -> None:
    page = (root / "docs/checks.md").read_text()
    with_sections = runpy.run_path(str(root / "docs/write_checks.py"))["with_sections"]
    assert page == with_sections(page), "`make docs` writes it anew"


def test_each_kind_has_a_purpose_and_tests(root: Path) -> None:
    tests = root / "services/verification-service/tests"
    named = "\n".join(path.read_text() for path in tests.rglob("test_*.py"))
    for name, kind in check_kinds().items():
        assert kind.purpose.endswith("."), name
        assert name in named, f"no test names {name}"
