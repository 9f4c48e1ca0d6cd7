"""What is measured is documented, and what alerts name is measured."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

METRIC = re.compile(r"\b(?:placet|http_server)_[a-z_]+")


@pytest.fixture(scope="module")
def writer(root: Path) -> dict[str, Any]:
    return runpy.run_path(str(root / "docs/write_metrics.py"))


def test_table_of_measures_is_what_the_code_has(root: Path, writer: dict[str, Any]) -> None:
    page = (root / "docs/observability.md").read_text()
    assert page == writer["with_table"](page), "`make docs` writes it anew"


def test_alerts_name_what_is_measured(root: Path, writer: dict[str, Any]) -> None:
    measured = {writer["prometheus_name"](one) for _, one in writer["instruments"]()}
    named = set(METRIC.findall((root / "deploy/prometheus/alerts.yaml").read_text()))
    assert named
    assert {re.sub(r"_(?:count|sum|bucket)$", "", name) for name in named} - measured == set()
