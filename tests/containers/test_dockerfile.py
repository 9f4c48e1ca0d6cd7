"""deploy/Dockerfile: what can be held true without an engine."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest

from .shared_libraries import SharedLibrary, read_shared_library

# what every Debian has under Python, and the packages of it that have the rest
SLIM = {"libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6", "libz.so.1"}
DEBIAN = {"libgomp.so.1": "libgomp1"}


class Instruction(NamedTuple):
    """One instruction, its continued lines joined."""

    word: str
    rest: str


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "deploy/Dockerfile").read_text()


@pytest.fixture(scope="module")
def instructions(text: str) -> list[Instruction]:
    joined = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", text))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def rest_of(instructions: list[Instruction], word: str) -> list[str]:
    return [one.rest for one in instructions if one.word == word]


def of_stage(instructions: list[Instruction], name: str) -> list[Instruction]:
    """What stands between its FROM and the next one."""
    begins = next(place for place, one in enumerate(instructions) if one.word == "FROM" and one.rest.endswith(f" AS {name}"))
    return instructions[begins : begins + 1] + list(takewhile(lambda one: one.word != "FROM", instructions[begins + 1 :]))


def from_the_context(instructions: list[Instruction]) -> Iterator[str]:
    for rest in rest_of(instructions, "COPY"):
        if not rest.startswith("--from="):
            *sources, _ = rest.split()
            yield from sources


def test_what_is_copied_exists_and_is_not_ignored(root: Path, instructions: list[Instruction]) -> None:
    ignored = (root / ".dockerignore").read_text().splitlines()
    sources = list(from_the_context(instructions))
    assert sources
    for source in sources:
        assert (root / source).exists(), source
        assert f"!{source.split('/')[0]}" in ignored
    assert "*" in ignored


def test_stages_that_are_copied_from_exist_and_targets_are_named(instructions: list[Instruction]) -> None:
    stages = [rest.split(" AS ")[1] for rest in rest_of(instructions, "FROM")]
    copied = {match[1] for rest in rest_of(instructions, "COPY") if (match := re.match(r"--from=(\S+)", rest))}
    assert copied <= set(stages)
    assert stages[-2:] == ["service", "worker"]


def test_everything_from_an_index_is_installed_by_hash(instructions: list[Instruction]) -> None:
    commands = [command for rest in rest_of(instructions, "RUN") for command in rest.split("&&")]
    pip = [command for command in commands if re.search(r"\bpip\b.*\b(install|wheel|download)\b", command)]
    assert len(pip) >= 4
    assert [command for command in pip if "--require-hashes" not in command and "--no-index" not in command] == []


def test_image_runs_as_nobody_else_and_python_gets_the_signals(instructions: list[Instruction]) -> None:
    for stage in ("service", "worker", "client"):
        assert rest_of(of_stage(instructions, stage), "USER")[-1:] == ["10001:10001"]
    for rest in (*rest_of(instructions, "ENTRYPOINT"), *rest_of(instructions, "CMD")):
        assert rest.startswith("["), "the exec form: a shell as process 1 would keep SIGTERM to itself"


@pytest.mark.parametrize(
    ("stage", "locks"),
    [
        pytest.param("service", ["services", "worker"], id="without formats"),  # the worker installs nothing of Debian then
        pytest.param("worker", ["services", "worker", "formats"], id="with all formats"),
        pytest.param("client", ["client"], id="the client alone"),
    ],
)
def test_image_has_what_its_libraries_are_linked_to(root: Path, instructions: list[Instruction], stage: str, locks: list[str]) -> None:
    found = [library for lock in locks for library in libraries_of(root / f"requirements/{lock}.txt")]
    brought = {library.file for library in found}
    needed = {name for library in found for name in library.needs if not name.startswith("ld-linux-")}
    installed = " ".join(re.findall(r"apt-get install ([^;&]+)", " ".join(rest_of(of_stage(instructions, stage), "RUN")))).split()
    assert {DEBIAN.get(name, name) for name in needed - brought - SLIM} <= set(installed)


def libraries_of(lock: Path) -> Iterator[SharedLibrary]:
    """Of the wheels that it names, as they are installed here."""
    for name in re.findall(r"(?m)^([\w.-]+)==", lock.read_text()):
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:  # it is for another system
            continue
        for file in files:
            if ".so" in file.name and (library := read_shared_library(Path(str(file.locate())))):
                yield library


def test_base_image_is_pinned_to_a_version(text: str) -> None:
    bases = re.findall(r"(?m)^ARG PYTHON_IMAGE=(\S+)$", text)
    assert len(bases) == 1
    assert re.search(r":3\.\d+(\.\d+)?-slim$", bases[0])


def test_version_is_the_release(root: Path, text: str) -> None:
    version = tomllib.loads((root / "shared/pyproject.toml").read_text())["project"]["version"]
    assert set(re.findall(r"(?m)^ARG VERSION=(\S+)$", text)) == {version}
    for name in ("deploy/Dockerfile", "docker-compose.yml"):
        assert set(re.findall(r"placet/(?:service|worker|client):([0-9.]+)", (root / name).read_text())) == {version}
