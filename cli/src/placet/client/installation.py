"""One installation of Placet, as a Python program sees it.

with Installation(Addresses.of(CommonSettings.load()), token) as placet:
    model = placet.registry.model("credit-risk")
"""

from types import TracebackType
from typing import Self

from placet.client.addresses import Addresses
from placet.client.approval import ApprovalClient
from placet.client.audit import AuditClient
from placet.client.connection import Caller, Connection
from placet.client.parked import ParkedClient
from placet.client.patience import PATIENCE, Patience
from placet.client.positions import Positions
from placet.client.registry import RegistryClient
from placet.client.verification import VerificationClient
from placet_shared.identifiers import new_id

__all__ = ["SERVICES", "Installation"]

SERVICES = ("registry", "verification", "approval", "audit")


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
