"""One installation of Placet, as a Python program sees it.

with Installation(Addresses.from_environment(), token) as placet:
    model = placet.registry.model("credit-risk")
"""

from types import TracebackType
from typing import Self

from placet_client.addresses import SERVICES, Addresses
from placet_client.approval import ApprovalClient
from placet_client.audit import AuditClient
from placet_client.connection import Caller, Connection
from placet_client.identifiers import new_id
from placet_client.parked import ParkedClient
from placet_client.patience import PATIENCE, Patience
from placet_client.positions import Positions
from placet_client.registry import RegistryClient
from placet_client.verification import VerificationClient

__all__ = ["Installation"]


class Installation:
    """The four services, called with one token; what one of them answered, the others are held to have seen.

    All acts through one `Installation` carry one correlation id. Not for several threads at once.
    """

    def __init__(self, addresses: Addresses, token: str, positions: Positions | None = None, patience: Patience = PATIENCE) -> None:
        self.addresses = addresses
        self.correlation = new_id()
        caller = Caller(token, positions or Positions(), self.correlation, patience)
        self._connections = {service: Connection(service, getattr(addresses, service), caller) for service in SERVICES}
        self.registry = RegistryClient(self._connections["registry"])
        self.verification = VerificationClient(self._connections["verification"])
        self.approval = ApprovalClient(self._connections["approval"])
        self.audit = AuditClient(self._connections["audit"])

    def parked(self, service: str) -> ParkedClient:
        """What one of `SERVICES` could not apply."""
        return ParkedClient(self._connections[service])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.values():
            connection.close()
