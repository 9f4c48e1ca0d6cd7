"""Operations as values: nothing here sends, waits or reads a file.

An operation yields its steps one by one and receives the result of each:

    def version(name: str, number: int) -> Flow[Version]:
        found = yield from model(name)                  # a `Call[Model]`
        return (yield from Call(...))                   # a `Call[Version]`

A `Call` by itself is an operation too. `clients` runs them, with or without `await`.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from placet_client.progress import OnRead, Stage
from placet_client.retrying import RetryPolicy

__all__ = ["ANSWER_WITHIN", "Call", "Flow", "Operation", "Pause", "Reading", "Step", "Work"]

ANSWER_WITHIN = 30.0
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to a service and the type of its answer; None for an answer without a body, `bytes` for one that is no JSON.

    A member of `query` that is None is left out. `json` or `content` is the body; a path means the bytes of that file. `traceparent`
    (W3C) names the trace that the request belongs to.
    """

    service: str
    method: Method
    path: str
    answer: type[T]
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    content: bytes | Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    traceparent: str | None = None
    within: float = ANSWER_WITHIN
    retries: RetryPolicy | None = None

    def __iter__(self) -> Generator["Step", Any, T]:
        answer: T = yield self
        return answer


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of so many seconds, which does not block other tasks."""

    seconds: float

    def __iter__(self) -> Generator["Step", Any, None]:
        yield self


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """Work for a processor or a disk that takes a while, and so must not block an event loop."""

    function: Callable[[], T]

    def __iter__(self) -> Generator["Step", Any, T]:
        result: T = yield self
        return result


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """Work that reads one file from its beginning to its end. `function` calls what it is given with each number of bytes that it read."""

    stage: Stage
    file: Path
    function: Callable[[OnRead | None], T]

    def __iter__(self) -> Generator["Step", Any, T]:
        result: T = yield self
        return result


Step: TypeAlias = Call[Any] | Pause | Work[Any] | Reading[Any]
Flow: TypeAlias = Generator[Step, Any, T]


class Operation(Protocol[T_co]):
    """A `Call`, a `Flow`, or anything else that yields steps and ends with a result."""

    def __iter__(self) -> Generator[Step, Any, T_co]: ...
