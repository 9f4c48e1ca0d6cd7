"""Change how one is told: a person's own act; it decides nothing, and hides nothing from their inbox."""

from dataclasses import dataclass

from placet_approval.domain.mail_times import MailTimes
from placet_approval.domain.notification_preferences import NotificationPreferences
from placet_shared.errors import Forbidden
from placet_shared.event_store import UnitOfWork

__all__ = ["ChangeNotifications", "ChangedNotifications", "change_notifications"]


@dataclass(frozen=True, slots=True)
class ChangeNotifications:
    """All of them; nothing stays as it was."""

    mail: str
    daily_at: int
    time_zone: str
    quiet_from: int | None
    quiet_until: int | None


@dataclass(frozen=True, slots=True)
class ChangedNotifications:
    """The preferences after the command."""

    mail: str
    daily_at: int
    time_zone: str
    quiet_from: int | None
    quiet_until: int | None
    revision: int


async def change_notifications(command: ChangeNotifications, uow: UnitOfWork) -> ChangedNotifications:
    """Raises `Malformed` for what is no hour or time zone, and `Forbidden` for a service account."""
    if uow.actor.kind != "person":
        raise Forbidden("Only people are sent mail.", code="people_only", resolve="Add a webhook for a system: `placet webhooks add URL`.")
    person_id = uow.actor.id
    times = MailTimes(command.daily_at, command.time_zone, command.quiet_from, command.quiet_until)
    preferences = await uow.load(NotificationPreferences, person_id)
    at = await uow.now()
    if preferences is None:
        preferences = NotificationPreferences.begin(person_id, command.mail, times, at)
    else:
        uow.expect(preferences)
        preferences.change(command.mail, times, at)
    uow.save(preferences, subject=person_id)
    return ChangedNotifications(preferences.mail, **preferences.times.content(), revision=preferences.version)
