"""Versions by the names that people type: `sees-doctor/1` for an id."""

from placet_client import Client, ClientError
from placet_client.printing.words import short

__all__ = ["VersionNames"]

FEW = 3


class VersionNames:
    """Each version is read once, when its name is needed; one that can't be read is shown by id."""

    def __init__(self, placet: Client) -> None:
        self._placet = placet
        self._known: dict[str, str] = {}

    def of_artifact(self, sha256: str) -> str:
        """The versions with these bytes, or the beginning of their digest."""
        if sha256 not in self._known:
            try:
                found = self._placet.registry.versions(FEW, sha256=sha256).items
            except ClientError:
                found = ()
            self._known[sha256] = ", ".join(f"{version.model_name}/{version.number}" for version in found) or short(sha256)
        return self._known[sha256]

    def of(self, version_id: str) -> str:
        """MODEL/NUMBER, or the id."""
        if version_id not in self._known:
            try:
                version = self._placet.registry.version_by_id(version_id)
            except ClientError:
                self._known[version_id] = version_id
            else:
                self._known[version_id] = f"{version.model_name}/{version.number}"
        return self._known[version_id]
