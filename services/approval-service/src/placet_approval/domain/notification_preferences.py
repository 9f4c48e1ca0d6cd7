"""How a person wants to be told of what waits for them: a stream of one event type for each person."""

from datetime import datetime
from typing import Literal, get_args

from placet_approval.domain.mail_times import MailTimes, require_times
from placet_shared.aggregates import Aggregate, Recurring, origin_of
from placet_shared.errors import FieldError, Malformed

__all__ = ["MailWanted", "NotificationPreferences"]

MailWanted = Literal["at_once", "daily", "off"]


class NotificationPreferences(Aggregate):
    """The last change is what counts."""

    TOPIC = "NotificationPreferences"
    CATEGORY = "notifications"

    def __init__(self) -> None:
        self.mail = "at_once"
        self.times = MailTimes()

    class NotificationPreferencesChanged(Recurring):
        """These from here on."""

        TOPIC = "NotificationPreferencesChanged"

        person_id: str
        mail: str
        daily_at: int
        time_zone: str
        quiet_from: int | None
        quiet_until: int | None

        def apply(self, aggregate: "NotificationPreferences") -> None:
            aggregate.mail = self.mail
            aggregate.times = MailTimes(self.daily_at, self.time_zone, self.quiet_from, self.quiet_until)

    @classmethod
    def begin(cls, person_id: str, mail: str, times: MailTimes, at: datetime) -> "NotificationPreferences":
        """The first ones."""
        return cls.create(cls.NotificationPreferencesChanged, key=person_id, at=at, **_values(person_id, mail, times))

    def change(self, mail: str, times: MailTimes, at: datetime) -> None:
        """The same ones as before are no event."""
        if (mail, times) != (self.mail, self.times):
            values = _values(self.key, mail, times)
            self.trigger(self.NotificationPreferencesChanged, at=at, originator_topic=origin_of(self), **values)


def _values(person_id: str, mail: str, times: MailTimes) -> dict[str, object]:
    if mail not in get_args(MailWanted):
        allowed = "at_once, daily or off"
        raise Malformed(f"mail: {mail!r} is not allowed.", resolve=f"Send {allowed}.", errors=[FieldError("mail", mail, allowed)])
    require_times(times)
    return {"person_id": person_id, "mail": mail, **times.content()}
