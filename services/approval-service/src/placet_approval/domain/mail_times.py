"""When a person is sent mail: at once but for quiet hours, or once a day; in their own time zone, evaluated when the question is asked."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["MailTimes", "is_mail_due", "time_zone_named"]

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
