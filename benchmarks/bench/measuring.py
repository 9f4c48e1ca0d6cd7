"""Closed-loop measuring: each worker starts the next piece of work when its last one is done."""

import asyncio
import statistics
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

__all__ = ["Contestant", "Figure", "figure_of", "measure_tasks", "measure_threads"]

WARM_UP = 0.2  # part of the time that is not counted

Work = Callable[[int], Awaitable[None]]
BlockingWork = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One contestant's figures of one round; `done` counts the warm-up too."""

    per_second: float
    p50_ms: float
    p99_ms: float
    done: int = 0


@dataclass(frozen=True, slots=True)
class Contestant:
    """A measured piece of work, run for so many seconds at a given concurrency."""

    name: str
    concurrent: int
    measure: Callable[[float], Awaitable[Figure]]


def figure_of(ended: Sequence[tuple[float, float]], began: float, until: float) -> Figure:
    """From (end, duration) of each piece of work, those that ended after the warm-up and before `until`."""
    from_then = began + (until - began) * WARM_UP
    counted = [duration for end, duration in ended if from_then <= end <= until]
    if len(counted) < 2:
        return Figure(0.0, 0.0, 0.0, len(ended))
    percentiles = statistics.quantiles(counted, n=100)
    return Figure(len(counted) / (until - from_then), percentiles[49] * 1000, percentiles[98] * 1000, len(ended))


async def measure_tasks(work: Work, concurrent: int, seconds: float) -> Figure:
    """`work` gets the worker's number; one event loop."""
    began = time.perf_counter()
    until = began + seconds
    ended: list[tuple[float, float]] = []

    async def worker(number: int) -> None:
        start = time.perf_counter()
        while start < until:
            await work(number)
            end = time.perf_counter()
            ended.append((end, end - start))
            start = end

    await asyncio.gather(*(worker(number) for number in range(concurrent)))
    return figure_of(ended, began, until)


async def measure_threads(work: BlockingWork, concurrent: int, seconds: float) -> Figure:
    """The same with threads, for blocking work; the event loop is idle meanwhile."""
    return await asyncio.to_thread(_measure_threads, work, concurrent, seconds)


def _measure_threads(work: BlockingWork, concurrent: int, seconds: float) -> Figure:
    began = time.perf_counter()
    until = began + seconds
    ended: list[list[tuple[float, float]]] = [[] for _ in range(concurrent)]

    def worker(number: int) -> None:
        start = time.perf_counter()
        while start < until:
            work(number)
            end = time.perf_counter()
            ended[number].append((end, end - start))
            start = end

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(concurrent)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return figure_of([one for each in ended for one in each], began, until)
