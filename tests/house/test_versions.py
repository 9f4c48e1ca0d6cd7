"""One version for everything that we distribute."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMES = {
    "placet",
    "placet-client",
    "placet-shared",
    "placet-registry-service",
    "placet-verification-service",
    "placet-approval-service",
    "placet-audit-service",
}


def test_distributions_have_the_agreed_names(distributions: Mapping[Path, Mapping[str, Any]]) -> None:
    assert {project["name"] for project in distributions.values()} == NAMES


def test_distributions_and_changelog_carry_one_version(root: Path, distributions: Mapping[Path, Mapping[str, Any]]) -> None:
    newest = re.search(r"(?m)^## \[([0-9.]+)\]", (root / "CHANGELOG.md").read_text())
    assert newest is not None
    assert {project["version"] for project in distributions.values()} == {newest[1]}


def test_distributions_ask_for_one_another_at_that_version(distributions: Mapping[Path, Mapping[str, Any]]) -> None:
    asked = {
        requirement for project in distributions.values() for requirement in project["dependencies"] if requirement.startswith("placet")
    }
    assert asked == {f"{name}=={project['version']}" for name in ("placet-client", "placet-shared") for project in distributions.values()}
