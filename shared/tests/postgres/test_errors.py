"""What errors of the database mean, by the driver's own classes for their SQLSTATEs."""

import asyncpg
import pytest

from placet_shared.errors import Unavailable
from placet_shared.postgres.errors import (
    Meaning,
    disk_full,
    is_disk_full,
    is_not_storable,
    is_passing,
    is_raised_by_function,
    is_unique_violation,
    leaves_connection_unusable,
    meaning_of,
)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("gone"),
        TimeoutError(),
        FileNotFoundError("the socket"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.ConnectionDoesNotExistError("cut off"),
        asyncpg.AdminShutdownError("stopping"),
        asyncpg.TooManyConnectionsError("full"),
        asyncpg.DeadlockDetectedError("one of two"),
        asyncpg.SerializationError("one of two"),
        asyncpg.LockNotAvailableError("taken"),
        asyncpg.QueryCanceledError("took too long"),
        asyncpg.ReadOnlySQLTransactionError("a standby"),
        asyncpg.IdleInTransactionSessionTimeoutError("was stopped"),
        asyncpg.DiskFullError("no room"),
        asyncpg.InterfaceError("the connection is closed"),
        asyncpg.InternalClientError("half an answer"),
    ],
)
def test_error_of_a_server_that_is_away_or_busy_passes(error: Exception) -> None:
    assert meaning_of(error) is Meaning.PASSING
    assert is_passing(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("there already"),
        asyncpg.ForeignKeyViolationError("nothing there"),
        asyncpg.NumericValueOutOfRangeError("too much"),
        asyncpg.CharacterNotInRepertoireError("U+0000"),
        asyncpg.RaiseError("our own function"),
        asyncpg.DataError("the driver can't encode it"),
    ],
)
def test_error_about_values_is_the_commands_own(error: Exception) -> None:
    assert meaning_of(error) is Meaning.VALUES
    assert not is_passing(error)


@pytest.mark.parametrize("error", [asyncpg.UndefinedTableError("no table"), asyncpg.InsufficientPrivilegeError("may not")])
def test_statement_that_does_not_fit_the_schema_is_a_defect(error: Exception) -> None:
    assert meaning_of(error) is Meaning.DEFECT


@pytest.mark.parametrize("error", [ValueError("ours"), KeyError("ours"), Unavailable("a neighbour")])
def test_error_of_another_kind_is_foreign(error: Exception) -> None:
    assert meaning_of(error) is Meaning.FOREIGN


def test_special_errors_are_told_apart() -> None:
    assert is_disk_full(asyncpg.DiskFullError("no room"))
    assert not is_disk_full(asyncpg.OutOfMemoryError("no room"))
    assert is_unique_violation(asyncpg.UniqueViolationError(""))
    assert not is_unique_violation(asyncpg.CheckViolationError(""))
    assert is_raised_by_function(asyncpg.RaiseError(""))
    assert not is_raised_by_function(asyncpg.AssertError(""))
    assert is_not_storable(asyncpg.CharacterNotInRepertoireError(""))
    assert not is_not_storable(asyncpg.DataError(""))
    assert leaves_connection_unusable(TimeoutError())
    assert not leaves_connection_unusable(asyncpg.UniqueViolationError(""))
    assert disk_full().code == "disk_full"
