"""The address that each service listens on, and by which the others reach it, from the environment."""

import asyncio
import errno
from collections.abc import Mapping
from dataclasses import dataclass

from placet.embedded.problems import CannotStart, PortInUse
from placet_shared.free_ports import bound, free_port
from placet_shared.processes import PORTS

__all__ = ["Address", "addresses", "require_free"]

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
_KILLED_ONES_LET_GO_WITHIN = 5.0  # their fork server ends first, and they with it; a busy machine takes its time for both
_GLANCE = 0.05


@dataclass(frozen=True, slots=True)
class Address:
    """A service's host and port."""

    service: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """As a process on this machine reaches it."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def addresses(environment: Mapping[str, str]) -> dict[str, Address]:
    """From `PLACET_<X>_HOST` and `PLACET_<X>_PORT`; for port 0 a free one is chosen now, so that it can be passed to the peers."""
    found = {}
    for service, default in PORTS.items():
        host = environment.get(f"PLACET_{service.upper()}_HOST") or "127.0.0.1"
        port = _port(f"PLACET_{service.upper()}_PORT", environment, default)
        found[service] = Address(service, host, port or free_port(host))
    return found


async def require_free(address: Address) -> None:
    """Raises PortInUse when another program listens there; waits a moment for processes that a killed supervisor left."""
    for _ in range(round(_KILLED_ONES_LET_GO_WITHIN / _GLANCE)):
        refused = _refusal(address.host, address.port)
        if refused is None:
            return
        if refused.errno != errno.EADDRINUSE:
            raise CannotStart(f"{address.service}-service can't listen on {address.host}:{address.port}: {refused.strerror}.")
        await asyncio.sleep(_GLANCE)
    raise PortInUse(address.service, address.host, address.port)


def _port(variable: str, environment: Mapping[str, str], default: int) -> int:
    text = environment.get(variable) or str(default)
    if not text.isdigit() or int(text) > 65535:
        raise CannotStart(f"{variable} = {text!r} is no port; give a number up to 65535 (0 takes a free one).")
    return int(text)


def _refusal(host: str, port: int) -> OSError | None:
    try:
        bound(host, port).close()
    except OSError as refused:
        return refused
    return None
