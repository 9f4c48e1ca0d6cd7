"""An answer never comes from a question that was sent before its asker came."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.bus.single_flight import SingleFlight


class Source:
    """Answers a question, when it is told to, with the number of that question; `sent` counts them."""

    def __init__(self) -> None:
        self.sent = 0
        self.at_once = 0
        self.most_at_once = 0
        self.pending: list[asyncio.Future[None]] = []

    async def ask(self) -> int:
        self.sent += 1
        number = self.sent
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        pending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pending.append(pending)
        try:
            await pending
        finally:
            self.at_once -= 1
        return number

    def reply(self, error: Exception | None = None) -> None:
        pending = self.pending.pop(0)
        if error:
            pending.set_exception(error)
        else:
            pending.set_result(None)


async def until_idle() -> None:
    """Let everything run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_before_it_is_sent_shares_a_question() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    asking = [asyncio.create_task(question.answer()) for _ in range(5)]
    await until_idle()
    source.reply()
    assert await asyncio.gather(*asking) == [1] * 5
    assert source.sent == 1


async def test_who_comes_while_one_runs_gets_the_next_one_and_shares_it() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    first = asyncio.create_task(question.answer())
    await until_idle()
    later = [asyncio.create_task(question.answer()) for _ in range(3)]
    await until_idle()
    assert source.sent == 1
    source.reply()
    assert await first == 1
    await until_idle()
    assert (source.sent, [task.done() for task in later]) == (2, [False] * 3)
    source.reply()
    assert await asyncio.gather(*later) == [2] * 3


async def test_who_comes_after_an_answer_does_not_get_it() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    for number in (1, 2, 3):
        asking = asyncio.create_task(question.answer())
        await until_idle()
        source.reply()
        assert await asking == number


async def test_failed_question_fails_all_who_share_it_and_no_other() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    first = [asyncio.create_task(question.answer()) for _ in range(2)]
    await until_idle()
    second = asyncio.create_task(question.answer())
    await until_idle()
    source.reply(ConnectionResetError())
    outcomes = await asyncio.gather(*first, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionResetError] * 2
    await until_idle()
    source.reply()
    assert await second == 2


async def test_caller_that_leaves_takes_the_answer_from_no_other() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    leaving, staying = asyncio.create_task(question.answer()), asyncio.create_task(question.answer())
    await until_idle()
    leaving.cancel()
    await until_idle()
    source.reply()
    assert await staying == 1


async def test_failure_without_a_waiting_caller_is_forgotten() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    leaving = asyncio.create_task(question.answer())
    await until_idle()
    leaving.cancel()
    await until_idle()
    source.reply(ConnectionResetError())
    await until_idle()
    next_one = asyncio.create_task(question.answer())
    await until_idle()
    source.reply()
    assert await next_one == 2


@given(st.lists(st.sampled_from(["come", "reply", "fail", "turn", "leave"]), max_size=60))
def test_no_answer_is_older_than_its_asker(acts: list[str]) -> None:
    async def play() -> None:
        source = Source()
        question = SingleFlight(source.ask)
        asking: list[tuple[int, asyncio.Task[int]]] = []
        for act in acts:
            if act == "come":
                asking.append((source.sent, asyncio.create_task(question.answer())))
            elif act == "leave" and asking:
                asking[len(asking) // 2][1].cancel()
            elif act == "turn":
                await asyncio.sleep(0)
            elif source.pending:
                source.reply(ConnectionResetError() if act == "fail" else None)
        while any(not task.done() for _, task in asking):
            await until_idle()
            if source.pending:
                source.reply()
        for sent_before, task in asking:
            if not task.cancelled() and task.exception() is None:
                assert task.result() > sent_before
        assert source.most_at_once <= 1

    run(play())


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner() as runner:
        runner.run(work)


async def test_cancelled_question_does_not_stop_the_next_one() -> None:
    source = Source()
    question = SingleFlight(source.ask)
    first = asyncio.create_task(question.answer())
    await until_idle()
    source.pending.pop(0).cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(question.answer())
    await until_idle()
    source.reply()
    assert await second == 2
