"""When mail is sent, what it says, and that it has nothing of strangers where a mail server reads it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from placet_approval.adapters.smtp_mail import SmtpMail
from placet_approval.domain.mail_times import MailTimes, is_mail_due, time_zone_named
from placet_approval.domain.notification_preferences import NotificationPreferences
from placet_approval.domain.told import Told
from placet_approval.domain.waiting_mail import WaitingMail, waiting_mail
from placet_approval.ports import MailRefused
from placet_shared.errors import Malformed, Unavailable

AT = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)  # 07:30 in Berlin


def test_at_once_is_at_any_time_but_for_quiet_hours_of_the_person_s_own_zone() -> None:
    night = MailTimes(8, "Europe/Berlin", 22, 7)
    due = [is_mail_due("at_once", night, None, AT.replace(hour=hour)) for hour in (4, 5, 6, 20, 21)]
    assert due == [False, False, True, True, False]  # 05:30, 06:30, 07:30, 21:30, 22:30
    noon = MailTimes(8, "UTC", 12, 14)
    assert [is_mail_due("at_once", noon, None, AT.replace(hour=hour)) for hour in (11, 12, 13, 14)] == [True, False, False, True]


def test_daily_is_once_from_its_hour_on_and_catches_up() -> None:
    times = MailTimes(8, "Europe/Berlin")
    eight = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
    yesterday = eight - timedelta(days=1)
    assert is_mail_due("daily", times, None, AT)
    assert not is_mail_due("daily", times, yesterday, AT)  # 07:30, and yesterday's was sent
    assert is_mail_due("daily", times, yesterday, eight)
    assert not is_mail_due("daily", times, eight, eight + timedelta(hours=20))
    assert is_mail_due("daily", times, yesterday - timedelta(days=1), AT)  # yesterday's is missing


def test_off_is_never() -> None:
    assert not is_mail_due("off", MailTimes(), None, AT)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_a_time_zone_is_known_by_its_name(name: str) -> None:
    assert time_zone_named(name)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Ber\0lin", "x" * 65])
def test_what_is_no_time_zone_is_none(name: str) -> None:
    assert time_zone_named(name) is None


@pytest.mark.parametrize(
    ("mail", "times"),
    [
        ("weekly", MailTimes()),
        ("daily", MailTimes(daily_at=24)),
        ("daily", MailTimes(time_zone="Mars/Base")),
        ("at_once", MailTimes(quiet_from=22)),
        ("at_once", MailTimes(quiet_from=22, quiet_until=-1)),
    ],
)
def test_what_can_t_be_meant_is_refused(mail: str, times: MailTimes) -> None:
    with pytest.raises(Malformed):
        NotificationPreferences.begin("p", mail, times, AT)


def test_the_same_preferences_again_are_no_event() -> None:
    preferences = NotificationPreferences.begin("p", "daily", MailTimes(9), AT)
    preferences.change("daily", MailTimes(9), AT)
    assert len(list(preferences.collect_events())) == 1
    preferences.change("off", MailTimes(9), AT)
    assert (preferences.mail, len(list(preferences.collect_events()))) == ("off", 1)


def told(**changes: Any) -> Told:
    values: dict[str, Any] = {
        "sign_off_id": "01", "model": "fraud/3", "environment": "prod", "what": "sign", "roles": ["reviewer"], "policy_version": 2,
        "runs_now": False, "approved_until": None,
    }  # fmt: skip
    return Told(**{**values, **changes})


def test_a_mail_says_what_waits_why_and_what_to_type() -> None:
    mail = waiting_mail([told(), told(sign_off_id="02", runs_now=True, approved_until=AT)], "https://placet.example.org/inbox")
    assert mail.subject == "Placet: 2 sign-offs wait for you"
    for said in (
        "fraud/3 → prod",
        "asked to sign as reviewer, by policy version 2",
        "placet signoff show 01",
        "it runs there, approved until 2026-11-28 06:30 UTC",
        "https://placet.example.org/inbox",
        "placet inbox",
    ):
        assert said in mail.body


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"roles": [], "for_whom": ["carol"]}, "asked to sign in the place of carol"),
        ({"for_whom": ["carol"]}, "asked to sign as reviewer, or in the place of carol"),
        ({"what": "answer", "roles": ["operations"]}, "asked for feedback as operations"),
        ({"what": "look", "roles": ["head-of-risk"], "times": 1}, "escalated to head-of-risk: people have not decided in time"),
        ({"times": 1}, "told again: it still waits"),
        ({"ends_at": AT}, "to be decided until 2026-11-28 06:30 UTC, or it expires"),
    ],
)
def test_a_mail_says_why_and_by_when(changes: dict[str, Any], says: str) -> None:
    assert says in waiting_mail([told(**changes)], None).body


def test_what_strangers_wrote_brings_no_lines_and_no_end_to_a_mail() -> None:
    mail = waiting_mail([told(model="x\r\n.\r\nMAIL FROM:<a@b>\x1b[2J" + "y" * 500)], None)
    assert "\r" not in mail.body
    assert "\n.\n" not in mail.body
    assert "\x1b" not in mail.body
    assert "MAIL" not in mail.subject


def test_of_very_many_the_first_are_listed() -> None:
    mail = waiting_mail([told(sign_off_id=f"id-{number:03}") for number in range(50)], None)
    assert mail.body.count("placet signoff show") == 20
    assert "and 30 more" in mail.body


@pytest.mark.parametrize("address", ["a@b\nBcc: c@d", "bob,carol@example.org", "a b@x.org", "<a@b>", "a@", "@", "b;c@x.org", '"a"@b'])
async def test_what_is_not_one_plain_address_gets_no_mail(address: str) -> None:
    with pytest.raises(MailRefused):
        await SmtpMail("smtp://127.0.0.1:9", "placet@example.org").send(address, WaitingMail("s", "b"))


async def test_a_password_is_not_sent_in_clear() -> None:
    """The server offers no TLS, as one that a person in between has taken it out of."""
    box = Recorder()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="mail.example.org", auth_require_tls=False, authenticator=box.authenticate), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unavailable):
        await SmtpMail(f"smtp://user:password@127.0.0.1:{port}", "placet@example.org").send("a@example.org", WaitingMail("s", "b"))
    server.close()
    assert box.said == []


class Recorder:
    """Of a mail server: the names that clients tried to log in with."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def authenticate(self, server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        self.said.append(data)
        return AuthResult(success=True)
