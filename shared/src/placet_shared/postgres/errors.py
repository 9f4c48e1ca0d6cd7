"""What an error of the database means; the driver's error names and SQLSTATEs stand here and nowhere else.

except DATABASE_ERRORS as error:      all that a statement can raise, from connecting to the answer
    if not is_passing(error): raise   the same statement may succeed in a moment
"""

from enum import Enum

import asyncpg

from placet_shared.errors import Unavailable

__all__ = [
    "DATABASE_ERRORS",
    "DISK_FULL",
    "LOCK_NOT_AVAILABLE",
    "REACHING_ERRORS",
    "Meaning",
    "disk_full",
    "is_disk_full",
    "is_not_storable",
    "is_passing",
    "is_raised_by_function",
    "is_unique_violation",
    "leaves_connection_unusable",
    "meaning_of",
]

DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All that a statement may raise; the last is what the driver calls an answer that was cut off."""

REACHING_ERRORS = (ConnectionError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The same where an `OSError` of another kind, such as a file's, could be mistaken for the database's."""

LOCK_NOT_AVAILABLE = asyncpg.LockNotAvailableError

DISK_FULL = "The disk of this service's database is full: nothing can be written, what is there can be read."

# Classes of SQLSTATE (PostgreSQL, appendix A): connection, rollback for contention, resources, operator, system, internal.
_PASSING_CLASSES = frozenset({"08", "40", "53", "57", "58", "XX"})
# A standby that is about to be promoted, a session that was idle for too long, a lock that was not to be had.
_PASSING_STATES = frozenset({"25006", "25P03", "55P03"})
# Data exceptions and constraints.
_VALUE_CLASSES = frozenset({"22", "23"})
_RAISED = "P0001"


class Meaning(Enum):
    """What the caller can conclude."""

    PASSING = "the server is away, stops, recovers, is overloaded, or had to choose between two transactions"
    VALUES = "it refused these values: a constraint, a type, a check of one of our functions"
    DEFECT = "our statement and its schema do not fit together"
    FOREIGN = "it is no error of the database"


def meaning_of(error: BaseException) -> Meaning:
    """Classify an exception."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if state[:2] in _PASSING_CLASSES or state in _PASSING_STATES:
            return Meaning.PASSING
        return Meaning.VALUES if state[:2] in _VALUE_CLASSES or state == _RAISED else Meaning.DEFECT
    if isinstance(error, asyncpg.InterfaceError):  # with a ValueError in it: the driver can't encode a value
        return Meaning.VALUES if isinstance(error, ValueError) else Meaning.PASSING
    return Meaning.PASSING if isinstance(error, (OSError, asyncpg.InternalClientError)) else Meaning.FOREIGN


def is_passing(error: BaseException) -> bool:
    """Whether the same statement may succeed in a moment."""
    return meaning_of(error) is Meaning.PASSING


def is_disk_full(error: BaseException) -> bool:
    """Whether the server has no room to write; reading goes on."""
    return isinstance(error, asyncpg.DiskFullError)


def disk_full() -> Unavailable:
    """The answer to a request that would write while the disk is full."""
    return Unavailable(
        DISK_FULL, code="disk_full", resolve="Nothing was changed. Make room on the disk of PostgreSQL, then try again.", retry_after=5
    )


def is_unique_violation(error: BaseException) -> bool:
    """Whether a row of this key was there already."""
    return isinstance(error, asyncpg.UniqueViolationError)


def is_raised_by_function(error: BaseException) -> bool:
    """Whether one of our own SQL functions refused, by `raise exception`."""
    return isinstance(error, asyncpg.RaiseError)


def is_not_storable(error: BaseException) -> bool:
    """Whether a text has a character that PostgreSQL can't keep: U+0000."""
    return isinstance(error, asyncpg.CharacterNotInRepertoireError)


def leaves_connection_unusable(error: BaseException) -> bool:
    """Whether the connection may answer the next statement with what belongs to this one."""
    return isinstance(error, TimeoutError | asyncpg.InternalClientError)
