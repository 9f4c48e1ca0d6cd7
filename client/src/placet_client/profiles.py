"""Profiles: for each installation its addresses and a token, in a file that only its owner can read.

`placet login` writes one, `placet logout` removes it; `sign_in` decides when its token is used.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from placet_client.addresses import SERVICES, Addresses
from placet_client.problems import ClientError

__all__ = ["DEFAULT", "Profile", "Profiles"]

DEFAULT = "default"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Profile:
    """An installation, and a token that is sent to no other."""

    name: str
    addresses: Addresses
    token: str
    token_id: str


@dataclass(frozen=True, slots=True)
class Profiles:
    """Those of a folder, each a file of mode 0600."""

    folder: Path

    def file(self, name: str) -> Path:
        """Where it is kept; raises `ClientError` for what can't be a name."""
        if not NAME.fullmatch(name):
            raise ClientError(f"{name!r} is no name of a profile.", "Take letters, digits and `_.-`, at most 63.")
        return self.folder / f"{name}.json"

    def find(self, name: str) -> Profile | None:
        """None when there is none; raises `ClientError` for a file that others can read, or that is damaged."""
        file = self.file(name)
        try:
            with file.open(encoding="utf-8") as opened:
                _refuse_what_others_reach(file, os.fstat(opened.fileno()))
                return _profile(name, json.load(opened))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ClientError(f"{file} can't be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ClientError(f"{file} is damaged.", f"placet --profile {name} logout, then placet --profile {name} login.") from error

    def keep(self, profile: Profile) -> Path:
        """Written whole or not at all, in place of one of that name."""
        file = self.file(profile.name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = file.with_name(f"{file.name}.{os.getpid()}.new")
        unfinished.unlink(missing_ok=True)
        said = {"addresses": asdict(profile.addresses), "token_id": profile.token_id, "token": profile.token}
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            json.dump(said, opened, indent=2)
            opened.write("\n")
        unfinished.rename(file)
        return file

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        try:
            self.file(name).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ClientError(f"{self.file(name)} can't be removed: {error.strerror}.") from error
        return True

    def names(self) -> list[str]:
        """Of all that there are."""
        return sorted(file.stem for file in self.folder.glob("*.json"))


def _refuse_what_others_reach(file: Path, found: os.stat_result) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & OTHERS:
        raise ClientError(f"{file} holds a token, and its mode {mode:04o} lets other accounts in.", f"chmod 600 {file}")
    if os.geteuid() not in (found.st_uid, 0):
        raise ClientError(f"{file} belongs to another account, which can change where your token is sent.", f"Remove {file}.")


def _profile(name: str, said: Mapping[str, object]) -> Profile:
    addresses = said["addresses"]
    if not isinstance(addresses, dict):
        raise TypeError(addresses)
    return Profile(name, Addresses(**{service: str(addresses[service]) for service in SERVICES}), str(said["token"]), str(said["token_id"]))
