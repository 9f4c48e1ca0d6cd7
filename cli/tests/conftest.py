"""Data folders where an unprivileged server can live, and the accounts that Placet can be started from."""

import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True, slots=True)
class Starter:
    """Who starts Placet: `prefix` comes before a command line, and folders are made for them."""

    name: str
    prefix: tuple[str, ...] = ()

    def own(self, folder: Path) -> None:
        if self.prefix:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)


ONESELF = Starter("root" if os.geteuid() == 0 else "user")
UNPRIVILEGED = Starter("user", (sys.executable, str(PROGRAMS / "as_nobody.py"))) if os.geteuid() == 0 else ONESELF
# Root can try both; a user has only themselves.
STARTERS = (ONESELF, UNPRIVILEGED) if os.geteuid() == 0 else (ONESELF,)


@pytest.fixture(params=STARTERS, ids=lambda starter: f"as_{starter.name}")
def starter(request: pytest.FixtureRequest) -> Starter:
    chosen = request.param
    assert isinstance(chosen, Starter)
    return chosen


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may pass through; pytest's own lets nobody but its user in."""
    folder = Path(tempfile.mkdtemp(prefix="placet-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
