"""Data folders where an unprivileged server can live, and the accounts that Placet can be started from."""

import os
import pwd
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from placet_shared.testing import traversable_folder

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
    """A folder that every account may pass through; pytest's own lets only its user in."""
    with traversable_folder() as folder:
        yield folder
