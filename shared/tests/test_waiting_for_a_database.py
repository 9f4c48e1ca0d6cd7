"""Waiting for a database: what is waited for stands in one line of the log."""

import asyncio
import logging
from pathlib import Path

import pytest

from placet_shared.postgres import wait_for_database
from placet_shared.testing import eventually

pytestmark = pytest.mark.postgres


async def test_a_database_that_is_there_is_not_waited_for(database: str, caplog: pytest.LogCaptureFixture) -> None:
    await wait_for_database(database, "public", "probe")
    assert caplog.records == []


async def test_one_line_says_what_is_missing_however_often_it_is_looked_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    came = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came += 1
        writer.close()

    async with await asyncio.start_unix_server(hang_up, tmp_path / ".s.PGSQL.5432"):
        url = f"postgresql://me@/none?host={tmp_path}"
        waiting = asyncio.create_task(wait_for_database(url, "public", "probe", retry_seconds=0.01))
        await eventually(lambda: came > 5)
        (line,) = caplog.records
        assert (line.levelno, line.getMessage().startswith("waiting for the database: it does not answer: ")) == (logging.WARNING, True)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_what_is_wrong_with_a_database_that_answers_is_left_to_who_uses_it(database: str) -> None:
    await wait_for_database(database.replace("/test_", "/no_test_"), "public", "probe")
