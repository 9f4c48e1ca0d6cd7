"""One warning for each outage of Kafka: its client logs at every try, several times a second, that a broker is out of reach.

A filter keeps these lines out of the log, since nothing else can quiet a library that tries again by itself.
"""

import logging

__all__ = ["OneWarningAnOutage"]

CLIENT = "aiokafka"
# How lines begin that only say that a broker does not answer.
OUT_OF_REACH = (
    "Unable connect to ",
    "Unable to request metadata from ",
    "Unable to update metadata from ",
    "Failed fetch messages from ",
    "Failed fetch offsets from ",
    "Got error produce response: ",
)
# The slowest of our tries to reach a broker are less far apart, so that after such a silence it was there.
SILENCE_SECONDS = 60.0


class OneWarningAnOutage(logging.Filter):
    """Of a handler: the first line of an outage passes, as a warning; those after it do not, as long as they keep coming."""

    def __init__(self) -> None:
        super().__init__()
        self._last: float | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written; times are the records' own."""
        if not (record.name.partition(".")[0] == CLIENT and str(record.msg).startswith(OUT_OF_REACH)):
            return True
        last, self._last = self._last, record.created
        if last is not None and record.created - last < SILENCE_SECONDS:
            return False
        if record.levelno > logging.WARNING:
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True
