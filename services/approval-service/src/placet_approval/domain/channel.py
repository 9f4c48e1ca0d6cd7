"""A channel of Slack or Teams: what waits for people with some roles, or for one person, is posted there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self, get_args

from placet_approval.domain.mail_times import MailTimes, require_times
from placet_approval.domain.roles import roles_for_person
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import FieldError, Malformed, NotFound

__all__ = ["Channel", "ChannelKind", "Frequency"]

ChannelKind = Literal["slack", "teams"]
Frequency = Literal["at_once", "daily"]


class Channel(Aggregate):
    """Posts go there until it is removed; its address is kept beside the events."""

    TOPIC = "Channel"
    CATEGORY = "channel"

    channel_id: str
    kind: str
    host: str
    url_sha256: str
    roles: list[str]
    person_id: str | None
    frequency: str
    daily_at: int
    time_zone: str
    quiet_from: int | None
    quiet_until: int | None
    removed: bool = False

    class ChannelAdded(Created):
        """It is posted to from here on."""

        TOPIC = "ChannelAdded"

        channel_id: str
        kind: str
        host: str
        url_sha256: str
        roles: list[str]
        person_id: str | None
        frequency: str
        daily_at: int
        time_zone: str
        quiet_from: int | None
        quiet_until: int | None

    class ChannelTested(Event):
        """A post that tells of nothing is sent there."""

        TOPIC = "ChannelTested"

        channel_id: str

    class ChannelRemoved(Event):
        """Nothing is posted there from here on."""

        TOPIC = "ChannelRemoved"

        channel_id: str

        def apply(self, aggregate: "Channel") -> None:
            aggregate.removed = True

    @classmethod
    def add(
        cls,
        channel_id: str,
        kind: str,
        host: str,
        url_sha256: str,
        *,
        roles: Sequence[str],
        person_id: str | None,
        frequency: str,
        times: MailTimes,
        at: datetime,
    ) -> Self:
        """For roles, or for one person, whose own preferences then say when. Raises `Malformed`."""
        _require_one_of("kind", kind, get_args(ChannelKind))
        _require_one_of("frequency", frequency, get_args(Frequency))
        require_times(times)
        if bool(roles) == bool(person_id):
            raise Malformed(
                "A channel is told for roles or for one person.",
                resolve="Send `roles`, or `person`.",
                errors=[FieldError("roles", ", ".join(roles)[:100], "at least one role, unless a person is named")],
            )
        return cls.create(
            cls.ChannelAdded,
            key=channel_id,
            at=at,
            channel_id=channel_id,
            kind=kind,
            host=host,
            url_sha256=url_sha256,
            roles=roles_for_person(roles),
            person_id=person_id,
            frequency=frequency,
            **times.content(),
        )

    def test(self, at: datetime) -> None:
        """Send a post that tells of nothing."""
        self._require_there()
        self.trigger(self.ChannelTested, at=at, channel_id=self.channel_id)

    def remove(self, at: datetime) -> None:
        """Send nothing any more."""
        self._require_there()
        self.trigger(self.ChannelRemoved, at=at, channel_id=self.channel_id)

    def _require_there(self) -> None:
        if self.removed:
            raise NotFound(
                f"Channel {self.channel_id} was removed.", code="channel_not_found", resolve="GET /v1/channels lists those that there are."
            )


def _require_one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        words = " or ".join(allowed)
        shown = value[:100]
        raise Malformed(f"{field}: {shown!r} is not allowed.", resolve=f"Send {words}.", errors=[FieldError(field, shown, words)])
