"""Which inline rows go together, and that no order is lost that matters."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as some

from placet_shared.event_store import Statement
from placet_shared.event_store.inline_rows import in_few_calls

COMMUTING = {"number", "insert"}
STATEMENTS = some.sampled_from(["number", "insert", "replace", "report"])


def batch(*commands: Sequence[str]) -> list[list[Statement]]:
    """Each row of arguments says whose it is: (command, place in the command)."""
    return [[Statement(sql, (number, place)) for place, sql in enumerate(command)] for number, command in enumerate(commands)]


def test_commands_of_one_kind_that_commute_take_as_many_calls_as_one() -> None:
    calls = list(in_few_calls(batch(["number", "insert"], ["number", "insert"], ["number", "insert"]), COMMUTING))
    assert calls == [("number", [(0, 0), (1, 0), (2, 0)]), ("insert", [(0, 1), (1, 1), (2, 1)])]


def test_command_with_a_statement_that_does_not_commute_keeps_its_place_among_all() -> None:
    calls = list(in_few_calls(batch(["number"], ["replace", "number"], ["number"]), COMMUTING))
    assert calls == [("number", [(0, 0)]), ("replace", [(1, 0)]), ("number", [(1, 1)]), ("number", [(2, 0)])]


def test_neighbours_of_one_statement_that_does_not_commute_share_a_call() -> None:
    assert list(in_few_calls(batch(["replace"], ["replace"]), COMMUTING)) == [("replace", [(0, 0), (1, 0)])]


def test_commands_without_rows_take_no_call() -> None:
    assert list(in_few_calls(batch([], []), COMMUTING)) == []


@given(some.lists(some.lists(STATEMENTS, max_size=4), max_size=8))
def test_every_row_is_written_once_in_an_order_that_only_commuting_rows_leave(commands: list[list[str]]) -> None:
    written = [(sql, row) for sql, rows in in_few_calls(batch(*commands), COMMUTING) for row in rows]
    assert sorted(written) == sorted((one.sql, one.args) for command in batch(*commands) for one in command)
    for later, (sql, (command, place)) in enumerate(written):
        for earlier_sql, (earlier_command, earlier_place) in written[:later]:
            if (earlier_command, earlier_place) > (command, place):
                assert earlier_command != command
                assert {sql, earlier_sql} <= COMMUTING
