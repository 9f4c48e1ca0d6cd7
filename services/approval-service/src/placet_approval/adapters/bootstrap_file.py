"""The bootstrap file: the people and service accounts of a new installation, and the files of their tokens.

people:
  - {name: dora, display_name: Dora Maar, roles: [admin], token_file: tokens/dora.token}
service_accounts:
  - {name: ci, roles: [pipeline], token_file: tokens/ci.token}
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from placet_shared.errors import PlacetError
from placet_shared.strict_yaml import read_document
from placet_shared.tokens import is_well_formed, token_hash

__all__ = ["BootstrapFile", "BootstrapFileError", "FirstAccount", "FirstPerson", "read_bootstrap_file", "token_sha256"]


class BootstrapFileError(Exception):
    """The bootstrap file, or a file that it names, can't be used; the message says which and why."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    roles: Sequence[str] = ()
    token_file: Path | None = None


class FirstPerson(_Entry):
    """A person who may act from the start."""

    display_name: str | None = None
    email: str | None = None


class FirstAccount(_Entry):
    """A system that may act from the start."""


class BootstrapFile(BaseModel):
    """New entries are added; an entry that was removed or changed since has no effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: Sequence[FirstPerson] = ()
    service_accounts: Sequence[FirstAccount] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for entries in (self.people, self.service_accounts):
            names = [entry.name for entry in entries]
            if len(set(names)) < len(names):
                raise ValueError("each name once")
        files = [entry.token_file for entry in (*self.people, *self.service_accounts) if entry.token_file]
        if len(set(files)) < len(files):
            raise ValueError("each token_file once: a token has one holder")
        return self


def read_bootstrap_file(path: Path) -> BootstrapFile:
    """Raises `BootstrapFileError`."""
    try:
        return read_document(BootstrapFile, path.read_text())
    except OSError as error:
        raise BootstrapFileError(f"{path} can't be read: {error.strerror}") from error
    except PlacetError as error:
        raise BootstrapFileError(f"{path}: {error.detail}") from error


def token_sha256(bootstrap_file: Path, token_file: Path) -> str:
    """The hash of the token in `token_file`, a path that may be relative to the bootstrap file's folder."""
    path = bootstrap_file.parent / token_file
    try:
        text = path.read_text().strip()
    except OSError as error:
        raise BootstrapFileError(f"the token file {path} can't be read: {error.strerror}") from error
    if not is_well_formed(text):
        raise BootstrapFileError(f"the token file {path} does not hold a token, or not a whole one")
    return token_hash(text)
