"""What a service's process is told: the operator's environment, its own database and token, and nobody else's."""

from collections.abc import Mapping
from dataclasses import dataclass

from placet.embedded.data_folder import DataFolder
from placet.supervisor.addresses import Address
from placet.supervisor.databases import DatabaseUrls
from placet.supervisor.people import service_token_file
from placet_shared.processes import PROCESSES, SOURCES

__all__ = ["Surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that the processes of this machine are told; what the operator has set wins over our defaults."""

    given: Mapping[str, str]
    folder: DataFolder
    addresses: Mapping[str, Address]
    embedded: Mapping[str, DatabaseUrls]

    def for_serving(self, source: str) -> dict[str, str]:
        """Without the URL that migrates: a service never owns its tables."""
        told = {**self._defaults(source), **self._inherited(source), **self._fixed(source)}
        return _without_migration(told, source)

    def for_migrating(self, source: str) -> dict[str, str]:
        told = {**self._defaults(source), **self._inherited(source), **self._fixed(source)}
        if source not in self.embedded:
            return told
        return {**_without_migration(told, source), _variable(source, "MIGRATION_URL"): self.embedded[source].migration}

    def _inherited(self, source: str) -> dict[str, str]:
        """The environment without the other services' own settings (their database passwords among them)."""
        others = tuple(_variable(other, "") for other in SOURCES if other != source)
        addresses = {_variable(other, "URL") for other in SOURCES}
        return {name: value for name, value in self.given.items() if value and (name in addresses or not name.startswith(others))}

    def _defaults(self, source: str) -> dict[str, str]:
        needed = {peer for process in PROCESSES if process.source == source for peer in process.needs}
        told = {_variable(peer, "URL"): address.url for peer, address in self.addresses.items() if peer in needed}
        told[_variable(source, "SERVICE_TOKEN_FILE")] = str(service_token_file(self.folder, source))
        if source == "registry":
            told["PLACET_REGISTRY_BLOB_DIR"] = str(self.folder.blobs)
        if source == "approval":
            told["PLACET_APPROVAL_BOOTSTRAP_FILE"] = str(self.folder.people)
        return told

    def _fixed(self, source: str) -> dict[str, str]:
        """What this start has decided: where the data lies, the port (which may have been 0), and the embedded database."""
        told = {"PLACET_DATA_DIR": str(self.folder.path), _variable(source, "PORT"): str(self.addresses[source].port)}
        if source in self.embedded:
            told[_variable(source, "DATABASE_URL")] = self.embedded[source].login
        return told


def _without_migration(told: Mapping[str, str], source: str) -> dict[str, str]:
    url = _variable(source, "MIGRATION_URL")
    return {name: value for name, value in told.items() if name not in (url, f"{url}_FILE")}


def _variable(source: str, field: str) -> str:
    return f"PLACET_{source.upper()}_{field}"
