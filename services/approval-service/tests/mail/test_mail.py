"""From a request for a sign-off to the mails of those who may sign, over a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from placet_approval.adapters.smtp_mail import SmtpMail
from placet_approval.bootstrap import mail_loops
from placet_approval.commands.remind_of_sign_off import remind_of_due
from placet_approval.queries.readers import mail_readers
from placet_approval.workers.mail import MailWorker
from placet_shared.access import Actor
from placet_shared.errors import Unavailable
from placet_shared.event_store import Metadata
from placet_shared.identifiers import new_id

from ..decisions.conftest import WHY, Bank, bank, bank_database
from ..decisions.test_rounds_api import POLICY, requested_days_ago

__all__ = ["bank", "bank_database"]

pytestmark = pytest.mark.postgres


class Postbox:
    """What came to a real mail server; `refused` are addresses that it does not know."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.refused: set[str] = set()
        self.port = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to.append(list(envelope.rcpt_tos))
        return "250 OK"


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="mail.example.org"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()


@pytest.fixture
async def worker(bank: Bank, postbox: Postbox) -> MailWorker:
    for caller, name in ((bank.alice, "alice"), (bank.bob, "bob"), (bank.carol, "carol")):
        await bank.connection.execute("update people_names set email = $2 where person_id = $1", caller.id, f"{name}@example.org")
    return mailing(bank, postbox.port)


def mailing(bank: Bank, port: int) -> MailWorker:
    return MailWorker(bank.store, SmtpMail(f"smtp://127.0.0.1:{port}", "placet@example.org"), "https://placet.example.org/")


async def wants(caller: Any, **changes: Any) -> None:
    answer = await caller.client.put("/v1/people/me/notifications", json=changes, headers={"Authorization": f"Bearer {caller.token}"})
    assert answer.status_code == 200, answer.text


async def test_those_who_may_sign_are_told_once_and_no_other(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    path = await bank.a_pending_sign_off()
    await worker.tell()
    await worker.tell()
    assert sorted(postbox.to) == [["bob@example.org"], ["carol@example.org"]]
    mail = postbox.mails[0]
    assert (mail["Subject"], mail["From"], mail["To"]) == ("Placet: a sign-off waits for you", "placet@example.org", postbox.to[0][0])
    body = mail.get_content()
    assert f"placet signoff show {path.rpartition('/')[2]}" in body
    assert "fraud/1 → prod" in body
    assert "Looked at the report" not in body


async def test_another_process_tells_nothing_twice_and_a_further_one_is_a_mail_of_its_own(
    bank: Bank, worker: MailWorker, postbox: Postbox
) -> None:
    await bank.a_pending_sign_off()
    await worker.tell()
    await mailing(bank, postbox.port).tell()
    assert len(postbox.mails) == 2
    second = (await bank.a_pending_sign_off("test")).rpartition("/")[2]
    await mailing(bank, postbox.port).tell()
    [again] = [one.get_content() for one in postbox.mails[2:] if one["To"] == "bob@example.org"]
    assert second in again
    assert again.count("placet signoff show") == 1


async def test_while_the_server_is_away_nothing_is_lost_and_then_one_mail_tells_all(
    bank: Bank, worker: MailWorker, postbox: Postbox
) -> None:
    await bank.a_pending_sign_off()
    with pytest.raises(Unavailable):
        await mailing(bank, 9).tell()
    await bank.a_pending_sign_off("test")
    await worker.tell()
    [mail] = [one for one in postbox.mails if one["To"] == "bob@example.org"]
    assert mail["Subject"] == "Placet: 2 sign-offs wait for you"


async def test_an_address_that_is_refused_keeps_no_other_waiting_and_is_not_tried_at_once(
    bank: Bank, worker: MailWorker, postbox: Postbox
) -> None:
    postbox.refused.add("bob@example.org")
    await bank.a_pending_sign_off()
    await worker.tell()
    assert postbox.to == [["carol@example.org"]]
    postbox.refused.clear()
    await worker.tell()
    assert postbox.to == [["carol@example.org"]]
    await bank.connection.execute("update telling_states set retry_at = clock_timestamp()")
    await worker.tell()
    assert postbox.to[1:] == [["bob@example.org"]]


async def test_who_wants_no_mail_gets_none_and_sees_all_in_the_inbox(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    await wants(bank.bob, mail="off")
    await bank.a_pending_sign_off()
    await worker.tell()
    assert postbox.to == [["carol@example.org"]]
    assert len((await bank.bob.get("/v1/inbox")).json()["to_sign"]) == 1


async def test_what_was_signed_meanwhile_is_told_no_more(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    path = await bank.a_pending_sign_off()
    await bank.bob.post(f"{path}/approve", WHY)
    await worker.tell()
    assert postbox.to == [["carol@example.org"]]


async def test_no_event_has_an_address_and_an_erased_person_gets_no_mail(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    await wants(bank.bob, mail="daily", daily_at=9, time_zone="Europe/Berlin", quiet_from=20, quiet_until=7)
    stored = await bank.service.site.stored()
    assert {table for table, rows in stored.items() if "bob@example.org" in rows} == {"people_names"}
    await bank.dora.post(f"/v1/people/{bank.bob.id}/erase")
    await bank.a_pending_sign_off()
    await worker.tell()
    assert postbox.to == [["carol@example.org"]]


async def test_a_delegate_is_told_in_whose_place_they_may_sign(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    await bank.a_pending_sign_off()
    await worker.tell()
    dave = await bank.service.person("dave", "developer")
    await bank.connection.execute("update people_names set email = 'dave@example.org' where person_id = $1", dave.id)
    await worker.tell()
    assert ["dave@example.org"] not in postbox.to
    ends_at = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    granted = await bank.carol.post("/v1/delegations", {"delegate": dave.id, "ends_at": ends_at, "reason": "On leave."})
    assert granted.status_code == 201, granted.text
    await worker.tell()
    [mail] = [one for one in postbox.mails if one["To"] == "dave@example.org"]
    assert "asked to sign in the place of carol" in mail.get_content()


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, {"sam": "asked for feedback as operations"}),
        (1, {"sam": "told again"}),
        (2, {"sam": "told again", "hera": "escalated to head-of-risk"}),
    ],
)
async def test_people_are_asked_for_feedback_reminded_and_told_of_an_escalation(
    bank: Bank, worker: MailWorker, postbox: Postbox, days: int, told: dict[str, str]
) -> None:
    for name, role in (("sam", "sre"), ("hera", "head-of-risk")):
        person = await bank.service.person(name, role)
        await bank.connection.execute("update people_names set email = $2 where person_id = $1", person.id, f"{name}@example.org")
    assert (await bank.dora.post("/v1/policies", POLICY)).status_code == 201
    actor = Actor(bank.alice.id, "person", frozenset({"developer"}), "")
    await bank.store.execute(requested_days_ago, (bank, days), metadata=Metadata(bank.alice.id, new_id()), actor=actor)
    await remind_of_due(bank.store)
    await worker.tell()
    await worker.tell()
    said = {to[0].partition("@")[0]: mail.get_content() for to, mail in zip(postbox.to, postbox.mails, strict=True)}
    assert len(postbox.to) == len(said)
    assert said.keys() == told.keys()
    assert all(words in said[name] for name, words in told.items()), said


async def test_for_whom_nothing_changed_nothing_is_read(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    path = await bank.a_pending_sign_off()
    await worker.tell()
    await bank.connection.execute("update telling_states set looked_at = clock_timestamp(), swept_at = clock_timestamp()")
    assert await mail_readers(bank.store.pool) == []
    assert (await bank.bob.post(f"{path}/comments", {"text": "Looking at it."})).status_code == 200
    assert {one.email for one in await mail_readers(bank.store.pool)} == {"bob@example.org", "carol@example.org"}
    await worker.tell()
    assert len(postbox.mails) == 2


async def test_a_changed_address_is_told_to_the_one_before_and_stands_in_no_event(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    await bank.a_pending_sign_off()
    path = f"/v1/people/{bank.bob.id}/address"
    assert (await bank.carol.post(path, {"email": "carol@evil.example"})).status_code == 403
    changed = await bank.bob.post(path, {"email": "bob@new.example"})
    assert changed.status_code == 200, changed.text
    assert (await bank.bob.post(path, {"email": "bob@new.example"})).status_code == 200
    stored = await bank.service.site.stored()
    assert {table for table, rows in stored.items() if "bob@new.example" in rows} == {"people_names"}
    assert (await bank.service.site.event_types()).count("PersonAddressChanged") == 1
    await worker.tell()
    await worker.tell()
    assert sorted(to for [to] in postbox.to) == ["bob@example.org", "bob@new.example", "carol@example.org"]
    [told] = [mail for mail in postbox.mails if mail["To"] == "bob@example.org"]
    assert told["Subject"] == "Placet: the address of your mails was changed"
    assert "bob@example.org" not in "".join((await bank.service.site.stored()).values())


async def test_no_address_of_an_erased_person_is_left_or_gets_mail(bank: Bank, worker: MailWorker, postbox: Postbox) -> None:
    await bank.a_pending_sign_off()
    [of_bob] = [one for one in await mail_readers(bank.store.pool) if one.email == "bob@example.org"]
    assert (await bank.dora.post(f"/v1/people/{bank.bob.id}/address", {"email": None})).status_code == 200
    assert (await bank.dora.post(f"/v1/people/{bank.bob.id}/erase")).status_code == 200
    await worker._tell(of_bob)  # as if the person were erased between look and mail
    await worker.tell()
    assert postbox.to == [["carol@example.org"]]
    assert "bob@example.org" not in "".join((await bank.service.site.stored()).values())
    again = await bank.dora.post(f"/v1/people/{bank.bob.id}/address", {"email": "bob@example.org"})
    assert (again.status_code, again.json()["code"]) == (409, "person_deactivated")


async def test_preferences_are_the_person_s_own_and_each_change_is_an_event(bank: Bank, worker: MailWorker) -> None:
    at = "/v1/people/me/notifications"
    before = (await bank.bob.get(at)).json()
    assert (before["mail"], before["time_zone"], before["email"], before["version"]) == ("at_once", "UTC", "bob@example.org", 0)
    await wants(bank.bob, mail="daily", daily_at=9, time_zone="Europe/Berlin")
    after = (await bank.bob.get(at)).json()
    assert (after["mail"], after["daily_at"], after["time_zone"], after["version"]) == ("daily", 9, "Europe/Berlin", 1)
    assert (await bank.carol.get(at)).json()["mail"] == "at_once"
    assert "NotificationPreferencesChanged" in await bank.service.site.event_types()
    assert (await bank.ci.get(at)).json()["code"] == "people_only"
    refused = await bank.bob.client.put(at, json={"time_zone": "Mars/Base"}, headers={"Authorization": f"Bearer {bank.bob.token}"})
    assert refused.status_code in (400, 422), refused.text


async def test_mail_is_sent_where_the_installation_has_a_mail_server(bank: Bank) -> None:
    site = bank.service.site
    assert mail_loops(site.settings(), bank.store) == ()
    [loop] = mail_loops(site.settings(smtp_url=SecretStr("smtp://127.0.0.1:9")), bank.store)
    assert loop.name == "mail to people"
