"""A test that waits gets what it waited for, or fails and says for what it waited in vain."""

from collections.abc import Iterator

import pytest

from placet_shared.testing import eventually, eventually_blocking


async def never_comes() -> bool:
    return False


@pytest.fixture
def looks() -> Iterator[list[int]]:
    """What a condition finds at each look: nothing, nothing, something."""
    return iter([[], [], [7]])


async def test_wait_gives_what_the_condition_found(looks: Iterator[list[int]]) -> None:
    assert await eventually(lambda: next(looks)) == [7]


async def test_wait_for_a_coroutine_gives_what_it_found(looks: Iterator[list[int]]) -> None:
    async def look(default: list[int]) -> list[int]:
        return next(looks, default)

    assert await eventually(look, [0]) == [7]


def test_blocking_wait_gives_what_the_condition_found(looks: Iterator[list[int]]) -> None:
    assert eventually_blocking(lambda: next(looks)) == [7]


async def test_wait_in_vain_names_the_condition_its_place_and_the_state() -> None:
    with pytest.raises(AssertionError, match=r"waited 0.05 s in vain for never_comes \(test_waiting.py:\d+\): still nothing"):
        await eventually(never_comes, deadline=0.05, state=lambda: "still nothing")


def test_blocking_wait_in_vain_names_the_condition_and_its_arguments() -> None:
    def is_larger(one: int, other: int) -> bool:
        return one > other

    with pytest.raises(AssertionError, match=r"waited 0.05 s in vain for .*is_larger\(1, 2\) \(test_waiting.py:\d+\)"):
        eventually_blocking(is_larger, 1, 2, deadline=0.05)
