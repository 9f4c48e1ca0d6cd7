"""The environment of a service's process: the operator's, its own database and token, and no other service's."""

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
    """The environments of this machine's processes; the operator's variables override our defaults."""

    given: Mapping[str, str]
    folder: DataFolder
    addresses: Mapping[str, Address]
    embedded: Mapping[str, DatabaseUrls]

    def for_serving(self, source: str) -> dict[str, str]:
        """Without the URL that migrates: a service never owns its tables."""
        variables = {**self._defaults(source), **self._inherited(source), **self._fixed(source)}
        return _without_migration(variables, source)

    def for_migrating(self, source: str) -> dict[str, str]:
        variables = {**self._defaults(source), **self._inherited(source), **self._fixed(source)}
        if source not in self.embedded:
            return variables
        return {**_without_migration(variables, source), _variable(source, "MIGRATION_URL"): self.embedded[source].migration}

    def _inherited(self, source: str) -> dict[str, str]:
        """The environment without the other services' own settings (their database passwords among them)."""
        others = tuple(_variable(other, "") for other in SOURCES if other != source)
        addresses = {_variable(other, "URL") for other in SOURCES}
        return {name: value for name, value in self.given.items() if value and (name in addresses or not name.startswith(others))}

    def _defaults(self, source: str) -> dict[str, str]:
        needed = {peer for process in PROCESSES if process.source == source for peer in process.needs}
        variables = {_variable(peer, "URL"): address.url for peer, address in self.addresses.items() if peer in needed}
        variables[_variable(source, "SERVICE_TOKEN_FILE")] = str(service_token_file(self.folder, source))
        if source == "registry":
            variables["PLACET_REGISTRY_BLOB_DIR"] = str(self.folder.blobs)
        if source == "approval":
            variables["PLACET_APPROVAL_BOOTSTRAP_FILE"] = str(self.folder.people)
        return variables

    def _fixed(self, source: str) -> dict[str, str]:
        """The variables of this start: the data folder, the port (which may have been 0), and the embedded database."""
        variables = {"PLACET_DATA_DIR": str(self.folder.path), _variable(source, "PORT"): str(self.addresses[source].port)}
        if source in self.embedded:
            variables[_variable(source, "DATABASE_URL")] = self.embedded[source].login
        return variables


def _without_migration(variables: Mapping[str, str], source: str) -> dict[str, str]:
    url = _variable(source, "MIGRATION_URL")
    return {name: value for name, value in variables.items() if name not in (url, f"{url}_FILE")}


def _variable(source: str, field: str) -> str:
    return f"PLACET_{source.upper()}_{field}"
