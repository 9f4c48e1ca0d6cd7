"""Addresses that webhooks may be sent to: the form of a URL, and which addresses of the network its host may have.

What a host resolves to is looked at when it is connected to, so the form matters only as far as every reader must read it alike.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from placet_shared.errors import Invalid

__all__ = ["URL_LENGTH", "Network", "WebhookAddress", "may_be_reached", "webhook_address"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_LENGTH = 2000
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*\.?")
# Other readers take these for numbers: 2130706433, 0x7f.1, 127.1 and 0177.0.0.1 are all 127.0.0.1.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
DEFAULT_PORTS = {"https": 443, "http": 80}
LEAST_OTHER_PORT = 1024
# Of IANA's special-purpose registries what releases of Python's own module call public; cloud providers have metadata in the first one.
SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10")))
NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """A URL, taken apart: `host` is a name, or an address without brackets; `target` is path and query."""

    is_https: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """For the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS["https" if self.is_https else "http"] else f"{host}:{self.port}"


def webhook_address(url: str) -> WebhookAddress:
    """Taken apart; raises `Invalid` (`webhook_url_refused`) for a URL that is not plain."""
    if len(url) > URL_LENGTH or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise _refused(f"it is not 1 to {URL_LENGTH} visible ASCII characters without a backslash")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused("it can't be read") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise _refused("it does not begin with https://")
    if "@" in parts.netloc:
        raise _refused("it names a user: the signature is what the receiver checks")
    if parts.fragment or url.endswith("#"):
        raise _refused("it has a fragment, which is never sent")
    _require_host(host)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return WebhookAddress(parts.scheme == "https", host, _port(parts.scheme, port), target)


def may_be_reached(address: str, *, is_https: bool, allowed: Iterable[Network]) -> bool:
    """Whether a webhook may be sent to this address: a public one by https; any in an `allowed` network, by http too."""
    try:
        found = list(_meant(ip_address(address.partition("%")[0])))
    except ValueError:
        return False
    networks = list(allowed)
    if all(_is_in(one, networks) for one in found):
        return True
    return is_https and all(_is_public(one) for one in found)


def _meant(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 address that a packet to it may end at; a mapped one is nothing but the latter."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
            return
        inner = address.sixtofour or (address.teredo[1] if address.teredo else None)
        if any(address in network for network in NAT64) or 2**16 <= int(address) < 2**32:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            yield inner
    yield address


def _is_public(address: Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_link_local or address.is_loopback or address.is_unspecified
    return address.is_global and not special and not _is_in(address, SPECIAL)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _require_host(host: str) -> None:
    try:
        if str(ip_address(host)) == host and "%" not in host:
            return
    except ValueError:
        if len(host) <= 253 and NAME.fullmatch(host) and not NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return
    raise _refused("its host is neither a name in ASCII nor an address in its usual form")


def _port(scheme: str, port: int | None) -> int:
    chosen = DEFAULT_PORTS[scheme] if port is None else port
    if chosen != DEFAULT_PORTS[scheme] and chosen < LEAST_OTHER_PORT:
        raise _refused(f"port {chosen} is another service's")
    return chosen


def _refused(because: str) -> Invalid:
    return Invalid(
        f"The address of a webhook can't be used: {because}.",
        code="webhook_url_refused",
        resolve="Send an address like https://hooks.example.org/placet; secrets belong into its path, if the receiver asks for one.",
    )
