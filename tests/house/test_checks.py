"""The page of checks is made from the kinds that there are, and each says what it is and what its parameters are."""

import ast
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path

from placet_verification.checks import check_kinds
from placet_verification.checks.kinds.latency import _OBSERVED
from placet_verification.checks.known_measures import MEASURES
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.parities import RATES


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


def test_each_parameter_says_what_it_is() -> None:
    for name, kind in check_kinds().items():
        if kind.parameters.__module__.startswith("placet_verification."):
            assert [field for field, one in kind.parameters.model_fields.items() if not one.description] == [], name


def test_each_number_of_a_record_is_defined(modules: Mapping[Path, ast.Module]) -> None:
    """Names that are put together from a metric's and an ending are defined by the ending."""
    folders = {"kinds", "measures"}
    trees = [tree for path, tree in modules.items() if path.parent.name in folders and "placet_verification" in path.parts]
    named = {re.sub(r"^\*", "…", name) for tree in trees for node in ast.walk(tree) for name in names(node)} - {"…"}
    assert len(named) > 20
    assert named | set(METRICS) | set(RATES) | set(_OBSERVED) <= set(MEASURES)


def names(node: ast.AST) -> Iterator[str]:
    """What a record's `metric` is, where that is written down; a part that is put in is a `*`."""
    match node:
        case ast.keyword(arg="metric"):
            yield from texts(node.value)
        case ast.Dict():
            yield from (text for key, value in zip(node.keys, node.values, strict=True) if "metric" in texts(key) for text in texts(value))


def texts(node: ast.AST | None) -> Iterator[str]:
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp():
            yield from (*texts(node.body), *texts(node.orelse))
        case ast.JoinedStr():
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
