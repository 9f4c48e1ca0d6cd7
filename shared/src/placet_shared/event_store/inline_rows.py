"""In how few calls a batch's inline rows can be written, and in which order (rule 9): a pure function."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any

from placet_shared.event_store.records import Statement

__all__ = ["in_few_calls"]

Call = tuple[str, Sequence[Sequence[Any]]]


def in_few_calls(commands: Iterable[Sequence[Statement]], commuting: Collection[str]) -> Iterator[Call]:
    """The statements of a batch's commands, given in position order, as (SQL, one row of arguments each).

    A command's statements stay in their order. Neighbouring commands whose statements all commute are merged, so that a
    batch of one kind takes as many calls as one command of it; any other command comes after all before it.
    """
    for all_commute, neighbours in groupby(commands, key=lambda one: all(statement.sql in commuting for statement in one)):
        calls = _merged if all_commute else _in_order
        yield from calls(neighbours)


def _merged(commands: Iterable[Sequence[Statement]]) -> Iterator[Call]:
    queues = [deque(statements) for statements in commands]
    while queues := [queue for queue in queues if queue]:
        sql = queues[0][0].sql
        rows: list[Sequence[Any]] = []
        for queue in queues:
            while queue and queue[0].sql == sql:
                rows.append(queue.popleft().args)
        yield sql, rows


def _in_order(commands: Iterable[Sequence[Statement]]) -> Iterator[Call]:
    for sql, statements in groupby(chain.from_iterable(commands), key=lambda statement: statement.sql):
        yield sql, [statement.args for statement in statements]
