"""Posting to a receiver: to the address that was looked at and no other, with the name's certificate, and never for long."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
import trustme

from placet_approval.adapters.webhook_receivers import WebhookReceivers
from placet_approval.domain.webhook_address import webhook_address
from placet_approval.domain.webhook_retries import Attempted
from placet_shared.errors import Invalid

from .conftest import ReceiverApp, hang, receiving

HERE = (ip_network("127.0.0.0/8"),)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Lookups:
    """Resolves each name to these addresses, one set after the other, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def sent(receivers: WebhookReceivers, url: str, times: int = 1) -> list[Attempted]:
    async with receivers.connected(webhook_address(url)) as receiver:
        return [await receiver.send({"webhook-id": "i"}, b"{}") for _ in range(times)]


@asynccontextmanager
async def answering(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server that does with a connection what the handler does."""

    async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(ended, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte of a long answer, again and again."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_a_message_arrives_with_its_name_path_and_headers() -> None:
    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example.org")
        [attempted] = await sent(WebhookReceivers(HERE, lookup=Lookups(["127.0.0.1"])), url)
        [came] = receiver.app.received
    assert (attempted.status, attempted.error, attempted.response) == (204, None, "")
    assert (came.path, came.body, came.headers["webhook-id"]) == ("/hook", b"{}", "i")
    assert came.headers["host"] == url.split("/")[2]
    assert came.headers["content-type"] == "application/cloudevents+json; charset=utf-8"


async def test_a_run_stays_at_the_address_that_was_looked_at() -> None:
    """The second answer of the name server is that of a rebinding; the next run looks at it, and refuses."""
    lookups = Lookups(["127.0.0.1"], ["169.254.169.254"])
    receivers = WebhookReceivers(HERE, lookup=lookups)
    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", "rebinding.example")
        assert [one.status for one in await sent(receivers, url, 2)] == [204, 204]
        assert len(lookups.asked) == 1
        [refused] = await sent(receivers, url)
    assert refused.status is None
    assert refused.error == "its host rebinding.example has an address that may not be reached by http"


async def test_the_connection_is_looked_up_by_no_other_part() -> None:
    """The name resolves nowhere: only the address that the lookup gave can have been connected to."""
    async with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        [attempted] = await sent(WebhookReceivers(HERE, lookup=Lookups(["127.0.0.1"])), f"http://nowhere.invalid:{port}/")
    assert attempted.status == 204


async def test_one_address_that_may_not_be_reached_refuses_the_host() -> None:
    lookups = Lookups(["93.184.215.14", "10.0.0.1"])
    receivers = WebhookReceivers((), lookup=lookups)
    with pytest.raises(Invalid) as refused:
        await receivers.require_reachable(webhook_address("https://mixed.example/"))
    assert refused.value.code == "webhook_url_refused"
    assert (await sent(receivers, "https://mixed.example/"))[0].status is None


@pytest.mark.parametrize(
    "url", ["https://localhost/", "http://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/"]
)
async def test_this_machine_and_metadata_are_not_reached_unless_allowed(url: str) -> None:
    with pytest.raises(Invalid):
        await WebhookReceivers(()).require_reachable(webhook_address(url))


async def test_a_host_that_does_not_resolve_is_said() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    with pytest.raises(Invalid, match=r"its host nowhere\.invalid does not resolve"):
        await WebhookReceivers((), lookup=unknown).require_reachable(webhook_address("https://nowhere.invalid/"))


async def test_a_redirect_is_not_followed() -> None:
    async with receiving(ReceiverApp(status=307)) as receiver, receiving() as elsewhere:
        [attempted] = await sent(WebhookReceivers(HERE), receiver.url)
        assert elsewhere.app.attempts == []
    assert (attempted.status, attempted.is_delivered) == (307, False)


async def test_the_certificate_must_be_the_name_s() -> None:
    authority = trustme.CA()
    certificates = ssl.create_default_context()
    authority.configure_trust(certificates)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("hooks.example.org").configure_cert(tls)
    names: list[str | None] = []
    tls.sni_callback = lambda _, name, __: names.append(name)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()

    receivers = WebhookReceivers(HERE, certificates=certificates, lookup=Lookups(["127.0.0.1"]))
    async with answering(handler, tls) as port:
        [good] = await sent(receivers, f"https://hooks.example.org:{port}/")
        [other] = await sent(receivers, f"https://other.example:{port}/")
        [unknown] = await sent(WebhookReceivers(HERE, lookup=Lookups(["127.0.0.1"])), f"https://hooks.example.org:{port}/")
    assert (good.status, other.status, unknown.status) == (200, None, None)
    assert names[:2] == ["hooks.example.org", "other.example"]
    assert other.error is not None
    assert "other.example" in other.error


async def test_a_receiver_that_hangs_is_given_up_in_time() -> None:
    async with receiving(ReceiverApp(answering=hang)) as receiver:
        [attempted] = await sent(WebhookReceivers(HERE, seconds=0.2), receiver.url)
    assert (attempted.status, attempted.error) == (None, "no answer within 0.2 seconds")


async def test_a_receiver_that_answers_a_byte_at_a_time_is_given_up_in_time() -> None:
    """Each byte comes in time, the whole does not."""
    async with answering(repeat) as port:
        [attempted] = await sent(WebhookReceivers(HERE, seconds=0.3), f"http://127.0.0.1:{port}/")
    assert (attempted.status, attempted.error) == (None, "no answer within 0.3 seconds")


async def test_a_lookup_that_hangs_is_given_up_in_time() -> None:
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hanging(host: str, port: int) -> Sequence[str]:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        return ["127.0.0.1"]

    receivers = WebhookReceivers(HERE, seconds=0.2, lookup=hanging)
    [attempted] = await sent(receivers, "http://slow.example/")
    released.set()
    assert attempted.error == "no answer within 0.2 seconds"


async def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    written = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"3e8\r\n" + b"<script>\x1b" + b"y" * 991 + b"\r\n")
            written += 1000
            await writer.drain()

    async with answering(handler) as port:
        [attempted] = await sent(WebhookReceivers(HERE), f"http://127.0.0.1:{port}/")
    assert attempted.status == 200
    assert attempted.response == "<script> " + "y" * 191
    assert written < 50_000_000


async def test_what_is_no_http_is_a_failure_like_any_other() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        await reader.read(100)

    async with answering(handler) as port:
        [attempted] = await sent(WebhookReceivers(HERE), f"http://127.0.0.1:{port}/")
    assert attempted.status is None
    assert attempted.error


async def test_a_receiver_that_is_not_there_is_a_failure_like_any_other() -> None:
    [attempted] = await sent(WebhookReceivers(HERE), "http://127.0.0.1:1024/")
    assert attempted.error is not None
    assert attempted.error.startswith("ConnectError")
