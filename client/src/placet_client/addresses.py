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
PASSWORD = re.compile(r"(?<=://)([^\s:/@]*:)?[^\s@]+(?=@)")


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
        if wrong := [_complaint(service, url, why) for service, url in given.items() if (why := _why_wrong(url))]:
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


def _why_wrong(url: str) -> str | None:
    """Why a request can't be sent there; None for an address."""
    if not url.startswith(("http://", "https://")):
        return "must be a URL that begins with http:// or https://"
    if not url.isprintable() or " " in url:
        return "has a blank or a character that can't be shown"
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        parts.port  # noqa: B018  # it is read only now
    except ValueError as error:
        return f"is no URL: {error}"
    if not parts.hostname:
        return "names no host"
    if "@" in parts.netloc:
        return "has a user or a password, which would be sent in place of the token"
    return "has more than a host and a path" if parts.query or parts.fragment else None


def _complaint(service: str, url: str, why: str) -> str:
    shown = PASSWORD.sub(r"\1[hidden]", url[:200])
    return f"{variable_of(service)} = {shown!r}: {why}"
