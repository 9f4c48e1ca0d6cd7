"""Versions by the names that people type: `sees-doctor/1` for an id."""

from placet_client import Client, ClientError

__all__ = ["VersionNames"]


class VersionNames:
    """Each version is read once, when its name is needed; one that can't be read is shown by id."""

    def __init__(self, placet: Client) -> None:
        self._placet = placet
        self._known: dict[str, str] = {}

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
