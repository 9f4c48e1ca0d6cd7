"""The addresses of an installation's services."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Self
from urllib.parse import urlsplit

from placet_client.problems import ClientError

__all__ = ["SERVICES", "Addresses", "is_this_machine", "variable_of"]

SERVICES = ("registry", "verification", "approval", "audit")
PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s@]+(?=@)")


@dataclass(frozen=True, slots=True)
class Addresses:
    """One base URL a service; by default those of `placet up` on this machine."""

    registry: str = "http://127.0.0.1:8401"
    verification: str = "http://127.0.0.1:8402"
    approval: str = "http://127.0.0.1:8403"
    audit: str = "http://127.0.0.1:8404"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From `PLACET_REGISTRY_URL` and its like; raises `ClientError` for an invalid URL. An empty variable counts as unset."""
        given = {service: url for service in SERVICES if (url := environment.get(variable_of(service)))}
        if wrong := [_complaint(service, url) for service, url in given.items() if not url.startswith(("http://", "https://"))]:
            raise ClientError("\n".join(wrong), "Correct the variables, or unset them.")
        return cls(**{service: url.rstrip("/") for service, url in given.items()})

    def of(self, service: str) -> str:
        """The address of one of `SERVICES`."""
        return str(getattr(self, service))

    def __str__(self) -> str:
        return " ".join(astuple(self))


def variable_of(service: str) -> str:
    """The variable that holds a service's address."""
    return f"PLACET_{service.upper()}_URL"


def is_this_machine(url: str) -> bool:
    """Whether the URL is one of the loopback's."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _complaint(service: str, url: str) -> str:
    shown = PASSWORD.sub(r"\1:[hidden]", url[:200])
    return f"{variable_of(service)} = {shown!r}: must be a URL that begins with http:// or https://"
