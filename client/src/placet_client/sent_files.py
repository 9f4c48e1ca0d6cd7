"""A file as the body of a request: sent in parts, from the beginning in each attempt."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import anyio.to_thread
import httpx

from placet_client.exchange import Outcome
from placet_client.files import PART, opened
from placet_client.problems import ClientError
from placet_client.progress import OnProgress, Progress

__all__ = ["SentFile"]


@dataclass(slots=True)
class SentFile:
    """One attempt to send it, with the size that it had then; `tell` is told how much was sent."""

    file: Path
    tell: OnProgress | None
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.file.stat().st_size

    @property
    def headers(self) -> dict[str, str]:
        """That announce the body."""
        return {"Content-Length": str(self.size)}

    def parts(self) -> Iterator[bytes]:
        """As many bytes as were announced; raises `ClientError` when the file has become shorter."""
        self._tell(0)
        sent = 0
        with opened(self.file) as reading:
            while sent < self.size:
                part = reading.read(min(PART, self.size - sent))
                if not part:
                    raise ClientError(
                        f"{self.file} was changed while it was sent: it had {self.size} bytes.", "Send it when it is written no more."
                    )
                yield part
                sent += len(part)
                if sent < self.size:
                    self._tell(sent)

    async def parts_awaited(self) -> AsyncIterator[bytes]:
        """The same, read by a worker thread."""
        parts = self.parts()
        while (part := await anyio.to_thread.run_sync(next, parts, None)) is not None:
            yield part

    def answered(self, outcome: Outcome) -> Outcome:
        """The same; it is told of where the service has taken the file."""
        if isinstance(outcome, httpx.Response) and outcome.is_success:
            self._tell(self.size)
        return outcome

    def _tell(self, sent: int) -> None:
        if self.tell and self.size:
            self.tell(Progress("sending", self.file, sent, self.size))
