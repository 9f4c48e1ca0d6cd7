"""Posts to the receivers of webhooks over HTTP, and to no address that they may not have (server-side request forgery).

1. The host is resolved here, once for a run of deliveries; one address that may not be reached refuses the whole host.
2. The connection goes to that very address, so that a name which resolves anew to another one changes nothing (DNS rebinding).
3. TLS and the header `Host` have the name: the certificate must be the name's.
4. Redirects, proxies of the environment and cookies of other receivers play no part; of an answer a few bytes are read.
5. From the lookup to the answer it takes some seconds at most.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import httpx

from placet_approval.domain.webhook_address import Network, WebhookAddress, may_be_reached
from placet_approval.domain.webhook_retries import Attempted
from placet_approval.ports import Receiver
from placet_shared.certificates import trusted_certificates
from placet_shared.errors import Invalid

__all__ = ["WebhookReceivers"]

SECONDS = 10.0
SHOWN = 200
READ_BYTES = 4 * SHOWN  # a character takes four bytes at most
# Lookups block a thread for as long as the resolver likes, so they have threads of their own.
LOOKUPS_AT_ONCE = 32
Lookup = Callable[[str, int], Sequence[str]]
SENT = {"User-Agent": "Placet", "Content-Type": "application/cloudevents+json; charset=utf-8", "Accept-Encoding": "identity"}


def addresses_of(host: str, port: int) -> Sequence[str]:
    """What a host resolves to, here and now; raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class NotReachable(Exception):
    """The host has no address, or one that may not be reached."""


class WebhookReceivers:
    """The `Receivers` that there are; `allowed` are networks that are not public and may be reached, by http too."""

    def __init__(
        self,
        allowed: Sequence[Network],
        *,
        certificates: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
        lookup: Lookup = addresses_of,
    ) -> None:
        self._allowed = allowed
        self._lookup = lookup
        self._certificates = certificates or trusted_certificates()
        self._seconds = seconds
        self._lookups = ThreadPoolExecutor(LOOKUPS_AT_ONCE, "placet webhook lookup")

    def close(self) -> None:
        """Wait for no lookup that is still under way."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def require_reachable(self, address: WebhookAddress) -> None:
        """As every attempt will look at it again."""
        try:
            async with asyncio.timeout(self._seconds):
                await self.resolve(address)
        except (NotReachable, TimeoutError) as error:
            raise Invalid(
                f"The address of a webhook can't be used: {error or 'its host is not resolved in time'}.",
                code="webhook_url_refused",
                resolve="Send the address of a public host by https; for another network see the setting PLACET_APPROVAL_WEBHOOK_NETWORKS.",
            ) from error

    @asynccontextmanager
    async def connected(self, address: WebhookAddress) -> AsyncIterator[Receiver]:
        """With a client of its own: connections are never shared between receivers, which may have one address and several names."""
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        async with httpx.AsyncClient(trust_env=False, verify=self._certificates, timeout=self._seconds, limits=limits) as client:  # 4
            yield _Connected(self, client, address, self._seconds)

    async def resolve(self, address: WebhookAddress) -> str:
        """1. Raises `NotReachable`."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._lookups, self._lookup, address.host, address.port)
        except (OSError, UnicodeError) as error:
            raise NotReachable(f"its host {address.host} does not resolve") from error
        if not all(may_be_reached(one, is_https=address.is_https, allowed=self._allowed) for one in found):
            by_http = "" if address.is_https else " by http"
            raise NotReachable(f"its host {address.host} has an address that may not be reached{by_http}")
        return found[0]


class _Connected:
    def __init__(self, receivers: WebhookReceivers, client: httpx.AsyncClient, address: WebhookAddress, seconds: float) -> None:
        self._receivers = receivers
        self._client = client
        self._address = address
        self._seconds = seconds
        self._resolved: str | None = None

    async def send(self, headers: Mapping[str, str], body: bytes) -> Attempted:
        """Every failure is an attempt that failed."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):  # 5
                status, response = await self._post(headers, body)
        except (NotReachable, httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            return Attempted(None, _in_words(error, self._seconds), _milliseconds(began))
        return Attempted(status, None, _milliseconds(began), response)

    async def _post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        self._resolved = self._resolved or await self._receivers.resolve(self._address)
        scheme, target = "https" if self._address.is_https else "http", self._address.target.encode()
        url = httpx.URL(scheme=scheme, host=self._resolved, port=self._address.port, raw_path=target)  # 2
        named = {**SENT, **headers, "Host": self._address.authority}
        extensions = {"sni_hostname": self._address.host.rstrip(".")}  # 3
        async with self._client.stream("POST", url, headers=named, content=body, extensions=extensions) as response:
            return response.status_code, await _beginning(response)


async def _beginning(response: httpx.Response) -> str:
    read = b""
    async for part in response.aiter_raw():
        read += part[:READ_BYTES]
        if len(read) >= READ_BYTES:
            break
    text = read[:READ_BYTES].decode(errors="replace")[:SHOWN]
    return "".join(character if character.isprintable() else " " for character in text)


def _in_words(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"no answer within {seconds:g} seconds"
    return (f"{error}" if isinstance(error, NotReachable) else f"{type(error).__name__}: {error}")[:SHOWN]


def _milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
