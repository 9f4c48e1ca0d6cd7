"""Nothing that a caller sends is worked on in more than linear time (rule 34): seen in the processor time of the process."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from placet_shared.processes import SOURCES

from .operations import Field, Operation, Request, operations

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LENGTH = 2_000
FACTOR = 8
GREATEST_RATIO = 16
LEAST_SECONDS = 0.002  # what a request costs anyway, and the tick of some clocks
TRIES = 4
# Each has brought some pattern, parser or normalisation out of its pace.
PIECES = (
    "://:",
    "://a:b@",
    "placet_",
    f"placet_{'a' * 20}_",
    "bearer ",
    "a\u0315\u0300",
    " ",
    "[",
    "- ",
    "a: ",
    '"',
    "\\",
    '";',
    "9",
    "\U0001f600",
)
HEADERS = ("Authorization", "Content-Type", "If-None-Match", "Idempotency-Key", "Placet-Seen", "Placet-Correlation", "traceparent", "Range")


class Measured:
    """The services, each with the processor time that a request to it takes."""

    def __init__(self, pids: dict[str, int], clients: dict[str, httpx.Client]) -> None:
        self._pids = pids
        self._clients = clients

    def seconds(self, source: str, request: Request) -> float:
        """What all threads of the process worked until the answer was here."""
        client = self._clients[source]
        before = _worked(self._pids[source])
        client.request(request.method, request.url, params=list(request.query), headers=request.all_headers, content=request.content)
        return _worked(self._pids[source]) - before

    def ratio(self, source: str, request_of_length: Callable[[int], Request], length: int) -> float:
        """How much more the longer request takes; of several tries the best, since other things go on in the process."""
        short, long = request_of_length(length), request_of_length(length * FACTOR)
        least = least_long = float("inf")
        for _ in range(TRIES):
            least, least_long = min(least, self.seconds(source, short)), min(least_long, self.seconds(source, long))
            if least_long <= GREATEST_RATIO * max(least, LEAST_SECONDS):
                break
        return least_long / max(least, LEAST_SECONDS)


@pytest.fixture
def measured(installation: Any) -> Iterator[Measured]:
    running = installation
    headers = {"Authorization": f"Bearer {running.token('dora')}"}
    with ExitStack() as stack:
        clients = {
            source: stack.enter_context(
                httpx.Client(base_url=getattr(running.addresses, source), headers=headers, timeout=120, trust_env=False)
            )
            for source in SOURCES
        }
        yield Measured({source: running.processes[source].pid for source in SOURCES}, clients)


def test_every_text_of_every_operation_is_worked_on_in_linear_time(measured: Measured) -> None:
    slow = [
        f"{operation}: {piece!r} takes {ratio:.0f} times as long"
        for operation in operations()
        for piece in PIECES
        for request_of_length in _requests(operation, piece)
        if (ratio := measured.ratio(operation.source, request_of_length, LENGTH)) > GREATEST_RATIO
    ]
    assert slow == []


def test_headers_that_no_document_names_are_worked_on_in_linear_time(measured: Measured) -> None:
    (operation,) = [one for one in operations() if str(one) == "registry POST /v1/models"]
    plain = operation.request()

    def with_header(name: str, piece: str) -> Callable[[int], Request]:
        return lambda length: replace(plain, headers=[(name, "Bearer " + _text(piece, length))], media_type=None)

    pieces = [piece for piece in PIECES if piece.isascii() and piece.strip()]
    slow = [
        f"{name}: {piece!r} takes {ratio:.0f} times as long"
        for name in HEADERS
        for piece in pieces
        if (ratio := measured.ratio("registry", with_header(name, piece), LENGTH // 2)) > GREATEST_RATIO
    ]
    assert slow == []


def _requests(operation: Operation, piece: str) -> Iterator[Callable[[int], Request]]:
    """With such a text in every field that takes one at once; and in every body that is nothing but text."""
    texts = [field for field in operation.fields() if field.schema.get("type") == "string" and not {"enum", "const"} & field.schema.keys()]
    parts, wholes = [field for field in texts if field.path], [field for field in texts if not field.path]
    if parts:
        yield lambda length: operation.request(*[(field, _fitting(field, piece, length)) for field in parts])
    for whole in wholes:
        yield lambda length, whole=whole: operation.request((whole, _text(piece, length)))  # type: ignore[misc]


def _fitting(field: Field, piece: str, length: int) -> str:
    """An address and a header hold less, and a header not everything."""
    if field.place == "body":
        return _text(piece, length)
    sendable = field.place != "header" or (piece.isascii() and piece.strip())
    return _text(piece if sendable else "a", length // (16 if piece.isascii() else 64))


def _text(piece: str, length: int) -> str:
    return (piece * length)[:length].strip() or piece * length


def _worked(pid: int) -> float:
    """Seconds on a processor, of all threads."""
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.exists():  # macOS
        return sum(_clock(text) for text in os.popen(f"ps -o cputime= -p {pid}"))
    return sum(int((tasks / task / "schedstat").read_text().split()[0]) for task in os.listdir(tasks)) / 1e9


def _clock(text: str) -> float:
    minutes, _, seconds = text.strip().rpartition(":")
    return sum(float(part) * 60.0**place for place, part in enumerate(reversed(minutes.split(":")), 1)) + float(seconds)
