"""Rows that many callers ask for at once are read in few statements, and never in one that began before its caller asked."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from placet_shared.postgres.batched_reads import AT_ONCE, BatchedReads


class Rows:
    """Each read waits to be let on; `reads` are its keys."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []
        self.answers: list[asyncio.Future[Mapping[str, int]]] = []
        self.batched = BatchedReads(self.read)

    async def read(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.reads.append(list(keys))
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]

    async def ask(self, *keys: str) -> list[asyncio.Task[int | None]]:
        asked = [asyncio.create_task(self.batched.get(key)) for key in keys]
        for _ in range(5):
            await asyncio.sleep(0)
        return asked


@pytest.fixture
def rows() -> Rows:
    return Rows()


async def test_callers_of_one_moment_share_a_read(rows: Rows) -> None:
    asked = await rows.ask("a", "b", "a", "c")
    assert rows.reads == [["a", "b", "c"]]
    rows.answers[0].set_result({"a": 1, "b": 2})
    assert await asyncio.gather(*asked) == [1, 2, 1, None]


async def test_caller_that_comes_later_gets_a_read_of_its_own(rows: Rows) -> None:
    first, second = [*await rows.ask("a"), *await rows.ask("a")]
    assert rows.reads == [["a"], ["a"]]
    rows.answers[1].set_result({"a": 2})
    rows.answers[0].set_result({"a": 1})
    assert (await first, await second) == (1, 2)


async def test_callers_over_the_limit_share_the_next_read(rows: Rows) -> None:
    for _ in range(AT_ONCE):
        await rows.ask("a")
    late = [*await rows.ask("b"), *await rows.ask("c")]
    assert len(rows.reads) == AT_ONCE
    rows.answers[0].set_result({"a": 1})
    late += await rows.ask()
    assert rows.reads[AT_ONCE:] == [["b", "c"]]
    rows.answers[AT_ONCE].set_result({"b": 3, "c": 4})
    assert await asyncio.gather(*late) == [3, 4]
    for answer in rows.answers[1:AT_ONCE]:
        answer.set_result({})


async def test_error_of_a_read_reaches_each_of_its_callers_and_no_other(rows: Rows) -> None:
    failing, working = await rows.ask("a", "b"), await rows.ask("a")
    rows.answers[0].set_exception(ConnectionError("gone"))
    rows.answers[1].set_result({"a": 1})
    assert [type(error) for error in await asyncio.gather(*failing, return_exceptions=True)] == [ConnectionError, ConnectionError]
    assert await asyncio.gather(*working) == [1]


async def test_caller_that_is_cancelled_takes_nothing_from_the_others(rows: Rows) -> None:
    left, stays = await rows.ask("a", "a")
    left.cancel()
    await asyncio.wait([left])
    rows.answers[0].set_result({"a": 1})
    assert await stays == 1
