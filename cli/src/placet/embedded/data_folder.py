"""The data folder of one machine: its layout and permissions."""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DataFolder"]

_PASSABLE = 0o711
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below `PLACET_DATA_DIR`; when started by root, other users may traverse it but read only what is theirs."""

    path: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's own data; belongs to the account it runs as."""
        return self.path / "postgres"

    @property
    def secrets(self) -> Path:
        """Passwords of the database and tokens of the services."""
        return self.path / "secrets"

    @property
    def tokens(self) -> Path:
        """Tokens of the demo people and of the demo pipeline."""
        return self.path / "tokens"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    @property
    def lock(self) -> Path:
        """Held while a supervisor works here; its text is the holder's pid."""
        return self.path / "supervisor.lock"

    @property
    def socket_record(self) -> Path:
        """Names the socket folder, which lies elsewhere because a socket's path must be short."""
        return self.path / "socket-folder"

    @property
    def people(self) -> Path:
        """The file from which approval-service makes the demo people and the services' accounts."""
        return self.path / "bootstrap.yaml"

    def programs(self, version: str) -> Path:
        """Copy of PostgreSQL's programs, made when those of the wheel can't be reached."""
        return self.path / f"postgres-{version}"

    def prepare(self) -> None:
        """Make the folders that are missing; existing ones keep their modes."""
        passable = _PASSABLE if os.geteuid() == 0 else _PRIVATE
        for missing in reversed([folder for folder in (self.path, *self.path.parents) if not folder.exists()]):
            missing.mkdir(exist_ok=True)
            missing.chmod(passable)
        for private in (self.secrets, self.tokens, self.logs):
            private.mkdir(mode=_PRIVATE, exist_ok=True)
