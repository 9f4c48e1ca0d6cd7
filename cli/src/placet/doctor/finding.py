"""One thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "State"]


class State(StrEnum):
    """`warn` may be meant, `fail` keeps something from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and the command or the page that helps where it is not ok."""

    what: str
    state: State
    said: str
    resolve: str = ""
