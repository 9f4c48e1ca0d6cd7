"""A person's absence: from when until when they can't sign; it takes no right away, and says whom not to wait for."""

from datetime import datetime
from typing import Self

from placet_approval.domain.timestamps import parse_rfc3339, rfc3339
from placet_shared.aggregates import Aggregate, Event, Recurring, origin_of
from placet_shared.errors import Forbidden, Invalid

__all__ = ["Absence", "require_own_or_admin"]


class Absence(Aggregate):
    """The stream of one person's absences, of which the last one counts."""

    TOPIC = "Absence"
    CATEGORY = "absence"

    def __init__(self) -> None:
        self.person_id = ""
        self.starts_at: str | None = None
        self.ends_at: str | None = None
        self.stated_by = ""

    class AbsenceStated(Recurring):
        TOPIC = "AbsenceStated"
        person_id: str
        starts_at: str
        ends_at: str | None
        stated_by: str

        def apply(self, aggregate: "Absence") -> None:
            aggregate.person_id = self.person_id
            aggregate.starts_at, aggregate.ends_at, aggregate.stated_by = self.starts_at, self.ends_at, self.stated_by

    class AbsenceCleared(Event):
        TOPIC = "AbsenceCleared"
        person_id: str
        cleared_by: str

        def apply(self, aggregate: "Absence") -> None:
            aggregate.starts_at = None

    @classmethod
    def state(
        cls, known: Self | None, person_id: str, starts_at: datetime | None, ends_at: datetime | None, stated_by: str, at: datetime
    ) -> Self:
        """From now, or from a time, until a time or until it is cleared; takes the place of one that was stated before."""
        starts = max(starts_at or at, at)
        if ends_at is not None and ends_at <= starts:
            raise Invalid(
                "The absence would have ended before it begins.",
                code="absence_without_time",
                resolve="Give an end that lies in the future and after the start, or none.",
            )
        times = {"starts_at": rfc3339(starts), "ends_at": ends_at and rfc3339(ends_at)}
        values = {"person_id": person_id, **times, "stated_by": stated_by}
        if known is None:
            return cls.create(cls.AbsenceStated, key=person_id, at=at, **values)
        known.trigger(cls.AbsenceStated, at=at, originator_topic=origin_of(known), **values)
        return known

    def clear(self, cleared_by: str, at: datetime) -> None:
        """The person is there again; a second time is no event."""
        if self.starts_at is not None:
            self.trigger(self.AbsenceCleared, at=at, person_id=self.person_id, cleared_by=cleared_by)

    def in_force(self, at: datetime) -> bool:
        """Whether the person is absent."""
        if self.starts_at is None:
            return False
        return parse_rfc3339(self.starts_at) <= at and (self.ends_at is None or at < parse_rfc3339(self.ends_at))


def require_own_or_admin(actor_id: str, roles: frozenset[str], person_id: str) -> None:
    """People state their own absence, an admin that of another person."""
    if actor_id != person_id and "admin" not in roles:
        raise Forbidden(
            "You may state your own absence only.",
            code="absence_of_others",
            resolve="Ask the person, or an admin.",
        )
