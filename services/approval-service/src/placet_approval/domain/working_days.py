"""A calendar of working days: where a deadline falls that counts only the time of these days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

__all__ = ["EVERY_DAY", "WEEKDAYS", "Calendar"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of the week without holidays, in one time zone (IANA name). At least one day of the week is a working day."""

    working_days: tuple[str, ...] = WEEKDAYS
    holidays: tuple[date, ...] = ()
    time_zone: str = "UTC"

    def after(self, start: datetime, length: timedelta) -> datetime:
        """The moment at which so much time of working days has passed since `start`, in UTC.

        Whole days are days of the calendar: two days after Friday noon is Tuesday noon by the local clock, also where clocks change in
        between. The rest counts from 00:00 to 24:00 of working days.
        """
        zone = ZoneInfo(self.time_zone)
        local = start.astimezone(zone)
        day, clock = self._working_day(local.date(), local.timetz().replace(tzinfo=None))
        days, rest = divmod(length, DAY)
        for _ in range(days):
            day = self._next(day)
        moment = datetime.combine(day, clock, zone).astimezone(UTC)
        while rest:
            left = self._end_of(moment, zone) - moment
            if rest < left:
                return moment + rest
            rest -= left
            moment = datetime.combine(self._next(moment.astimezone(zone).date()), time.min, zone).astimezone(UTC)
        return moment

    def content(self) -> dict[str, Any]:
        """Plain JSON."""
        days = [day.isoformat() for day in self.holidays]
        return {"working_days": list(self.working_days), "holidays": days, "time_zone": self.time_zone}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        holidays = tuple(date.fromisoformat(day) for day in content["holidays"])
        return cls(tuple(content["working_days"]), holidays, content["time_zone"])

    def _works(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] in self.working_days and day not in self.holidays

    def _working_day(self, day: date, clock: time) -> tuple[date, time]:
        """Itself, or the beginning of the next working day."""
        return (day, clock) if self._works(day) else (self._next(day), time.min)

    def _next(self, day: date) -> date:
        day += DAY
        while not self._works(day):
            day += DAY
        return day

    @staticmethod
    def _end_of(moment: datetime, zone: ZoneInfo) -> datetime:
        return datetime.combine(moment.astimezone(zone).date() + DAY, time.min, zone).astimezone(UTC)


EVERY_DAY = Calendar()
