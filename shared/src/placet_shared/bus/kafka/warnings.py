"""Warnings that other writers of a topic can cause at will: logged once a minute with their number."""

import logging
from dataclasses import dataclass
from typing import Self

from placet_shared.bus.kafka.topics import topic_of
from placet_shared.counted_warnings import CountedWarning

__all__ = ["Warnings"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Warnings:
    """Counted for as long as a subscription lives, whatever clients it opens meanwhile."""

    passed_over: CountedWarning
    not_confirmed: CountedWarning
    made_anew: CountedWarning

    @classmethod
    def about(cls, source: str) -> Self:
        """None has happened yet."""
        return cls(
            CountedWarning(logger, f"{topic_of(source)} has messages that are no events of {source} and are skipped"),
            CountedWarning(logger, f"Kafka brought what is not in the feed of {source}; it is dropped and the feed is read"),
            CountedWarning(logger, f"the client that reads {source} from Kafka is made anew"),
        )

    def tell(self) -> None:
        """Log what was only counted so far, when it is due."""
        for warning in (self.passed_over, self.not_confirmed, self.made_anew):
            warning.tell()
