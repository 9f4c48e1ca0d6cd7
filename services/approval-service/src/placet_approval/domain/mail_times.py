"""When people are told: at once but for quiet hours, or once a day; in their own time zone, evaluated when the question is asked."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from placet_shared.errors import FieldError, Malformed

__all__ = ["MailTimes", "is_mail_due", "require_times", "time_zone_named"]

# `ZoneInfo` opens a file of this name.
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


@dataclass(frozen=True, slots=True)
class MailTimes:
    """Hours of the day in `time_zone`; quiet hours may go over midnight."""

    daily_at: int = 8
    time_zone: str = "UTC"
    quiet_from: int | None = None
    quiet_until: int | None = None

    def content(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def time_zone_named(name: str) -> ZoneInfo | None:
    """None for a name that no time zone has."""
    try:
        return ZoneInfo(name) if len(name) <= 64 and NAME.fullmatch(name) else None
    except (KeyError, ValueError, OSError):
        return None


def require_times(times: MailTimes) -> None:
    """Raises `Malformed` for what is no hour, half of the quiet hours, or no time zone."""
    for name in ("daily_at", "quiet_from", "quiet_until"):
        if (hour := getattr(times, name)) is not None and not 0 <= hour <= 23:
            raise _malformed(name, hour, "an hour from 0 to 23")
    if (times.quiet_from is None) != (times.quiet_until is None):
        raise _malformed("quiet_until", times.quiet_until, "both ends of the quiet hours, or none")
    if time_zone_named(times.time_zone) is None:
        raise _malformed("time_zone", times.time_zone[:100], "a time zone such as Europe/Berlin")


def is_mail_due(mail: str, times: MailTimes, sent_at: datetime | None, now: datetime) -> bool:
    """Whether a mail may be sent now, if there is something to tell; `sent_at` is when the last one was.

    A daily one is due from its hour on, so a night in which the mail server was away is caught up in the morning.
    """
    zone = time_zone_named(times.time_zone)
    local = now.astimezone(zone) if zone else now
    if mail == "off" or _is_quiet(times, local.hour):
        return False
    if mail == "at_once":
        return True
    begin = local.replace(hour=times.daily_at, minute=0, second=0, microsecond=0)
    begin = begin if begin <= local else begin - timedelta(days=1)
    return sent_at is None or sent_at < begin


def _is_quiet(times: MailTimes, hour: int) -> bool:
    if times.quiet_from is None or times.quiet_until is None:
        return False
    if times.quiet_from <= times.quiet_until:
        return times.quiet_from <= hour < times.quiet_until
    return hour >= times.quiet_from or hour < times.quiet_until


def _malformed(field: str, value: object, allowed: str) -> Malformed:
    return Malformed(f"{field}: {value!r} is not allowed.", resolve=f"Send {allowed}.", errors=[FieldError(field, value, allowed)])
