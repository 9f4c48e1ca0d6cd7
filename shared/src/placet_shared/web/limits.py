"""Limits on callers: how many connections without a valid token, and how long each wait for a caller may take."""

import resource
from dataclasses import dataclass
from typing import Self

from placet_shared.settings import CommonSettings

__all__ = ["Limits", "raise_descriptor_limit"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one process; times in seconds. The defaults are those of the settings."""

    header_bytes: int = 32_768
    header_count: int = 100
    first_byte_seconds: float = 15.0
    header_seconds: float = 15.0
    body_seconds: float = 30.0
    answer_seconds: float = 60.0
    idle_seconds: int = 30
    anonymous_connections: int = 1000
    anonymous_connections_per_address: int = 100
    open_requests_per_token: int = 2000

    @classmethod
    def of(cls, settings: CommonSettings) -> Self:
        """From the settings of the installation."""
        return cls(**{name: getattr(settings, f"http_{name}") for name in cls.__dataclass_fields__})

    @property
    def shortest(self) -> float:
        """The shortest of the time-outs."""
        return min(self.first_byte_seconds, self.header_seconds, self.body_seconds, self.answer_seconds)


def raise_descriptor_limit() -> int:
    """Raise the process's limit of open files and connections as far as the system allows; returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # macOS reports no limit, and has one
            return soft
    return hard
