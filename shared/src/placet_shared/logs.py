"""JSON logs: one line per record, with the request it belongs to and never with a secret.

A service calls `configure_logging` once, before it serves; the web shell sets `request_id` for each request.
"""

import json
import logging
import logging.config
import math
import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opentelemetry import trace

from placet_shared.outages import OneWarningAnOutage
from placet_shared.tokens import hide_tokens
from placet_shared.tracebacks import traceback_without_values

__all__ = ["JsonFormatter", "configure_logging", "hide_secrets", "logging_config", "request_id", "shortened"]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# Each pattern takes time linear in the text, whatever the text: a caller chooses it. Possessive quantifiers do not go back.
# `Bearer placet_…` is what our own advice says, and no secret.
_BEARER = re.compile(r"(?i)\b(bearer|basic) ++(?!placet_…)[^\s\"'\\,]+")
_UP_TO_AN_AT = re.compile(r"[^\s@\"'\\]++@?")
_LOGIN = re.compile(r"(?<=://)([^:/]*+):(?!@).+@")
_MESSAGE_LENGTH = 16_000
# Beyond the cut, so that a secret which begins before the cut is recognised.
_MARGIN = 1000
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


def hide_secrets(text: str) -> str:
    """`text` without tokens, `Authorization` credentials and passwords in URLs; JSON text stays JSON."""
    hidden = _BEARER.sub(r"\1 [hidden]", hide_tokens(text))
    return _UP_TO_AN_AT.sub(_without_password, hidden) if "://" in hidden else hidden


def shortened(text: str, length: int) -> str:
    """At most `length` characters of `text` without secrets; what can't be shown is not looked through."""
    whole = len(text) <= length + _MARGIN
    hidden = hide_secrets(text if whole else text[: length + _MARGIN] + "@")  # a password that the cut halves is still one
    return hidden if whole and len(hidden) <= length else hidden[: length - 1] + "…"


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, service, and where there is one: request_id, trace_id and span_id, extra, exception."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; secrets are hidden in the finished line, so that no member can carry one past."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": shortened(record.getMessage(), _MESSAGE_LENGTH),
            "service": self._service,
        }
        if (current := request_id.get()) is not None:
            line["request_id"] = current
        if (span := trace.get_current_span().get_span_context()).is_valid:
            line |= {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}
        if extra := {name: _plain(value) for name, value in vars(record).items() if name not in _STANDARD}:
            line["extra"] = extra
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = shortened(traceback_without_values(record.exc_info[1]), 2 * _MESSAGE_LENGTH)
        return hide_secrets(json.dumps(line, separators=(",", ":")))


def logging_config(service: str, level: str = "INFO") -> dict[str, Any]:
    """The `logging.config` dictionary: everything goes through the root to stderr, uvicorn's loggers too."""
    passed_on: dict[str, Any] = {"handlers": [], "level": "NOTSET", "propagate": True}
    everything = level.upper() == "DEBUG"
    quiet: dict[str, Any] = {"level": "NOTSET" if everything else "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter, "service": service}},
        "filters": {"outages": {"()": OneWarningAnOutage}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": [] if everything else ["outages"]}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            **dict.fromkeys(("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"), passed_on),
            **dict.fromkeys(("httpx", "httpcore", "asyncio"), quiet),
        },
    }


def configure_logging(service: str, level: str = "INFO", file: Path | None = None, largest: int = 0, kept: int = 1) -> None:
    """Log as JSON to stderr from now on; `level` is a name of the standard library's levels.

    With `file` stderr leads there, and the file is put aside when it has `largest` bytes; `kept` is the number of those.
    """
    config = logging_config(service, level)
    if file is not None:
        config["handlers"]["stderr"] |= {"class": "placet_shared.log_files.LogFileHandler", "file": file, "largest": largest, "kept": kept}
    logging.config.dictConfig(config)


def _plain(value: Any) -> Any:
    """What JSON can say about `value`; a log line must never fail to be written."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {shortened(str(key), _MESSAGE_LENGTH): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(member) for member in value]
    return shortened(str(value), _MESSAGE_LENGTH)


def _without_password(run: re.Match[str]) -> str:
    """A run of characters that may stand in a URL's login, up to an `@` if one ends it."""
    found = run[0]
    return _LOGIN.sub(r"\1:[hidden]@", found, count=1) if found[-1] == "@" and "://" in found else found
