"""What works beside the requests ends together: none waits for another, and none keeps the process from its end."""

import asyncio
import logging

import pytest

from placet_shared.workers import in_background


class Client:
    """Something that takes its leave in its own way."""

    def __init__(self, leave: asyncio.Barrier | asyncio.Event) -> None:
        self._leave = leave
        self.has_left = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self._leave.wait()
            self.has_left = True


async def begun() -> None:
    """All that is at work has come to where it waits."""
    await asyncio.sleep(0)


async def test_all_take_their_leave_at_the_same_time() -> None:
    together = asyncio.Barrier(3)  # none passes before all three are there
    clients = [Client(together) for _ in range(3)]
    async with in_background(*[client.run() for client in clients]):
        await begun()
    assert all(client.has_left for client in clients)


async def test_who_does_not_end_is_left_behind(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("placet_shared.workers.background.END_SECONDS", 0.05)
    answered = asyncio.Event()
    hanging = Client(answered)
    async with in_background(hanging.run()):
        await begun()
    assert not hanging.has_left
    assert "Client.run" in caplog.text
    assert "left behind" in caplog.text
    answered.set()


async def test_failure_of_one_is_told_and_keeps_no_other_from_its_end(caplog: pytest.LogCaptureFixture) -> None:
    async def failing() -> None:
        raise RuntimeError("a defect")

    client = Client(asyncio.Barrier(1))
    async with in_background(failing(), client.run()):
        await begun()
    assert client.has_left
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "failing" in told.getMessage()
    assert told.exc_info is not None
