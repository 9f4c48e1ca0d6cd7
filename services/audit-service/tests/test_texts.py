"""Texts beside events: a copy is kept of what an event commits to, for auditors to read, and an erasure has the last word (rule 24)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_audit.adapters.audit_log import PostgresAuditLog
from placet_audit.domain.commitments import commitments_in
from placet_audit.projections.rebuilding import all_views
from placet_audit.queries.texts import texts_said
from placet_audit.workers.text_fetcher import TextFetcher
from placet_audit.workers.text_notes import TextNotes
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.ports import CarriedText
from placet_shared.errors import Unavailable
from placet_shared.event_store.records import Text
from placet_shared.event_store.texts import commitment, new_text
from placet_shared.identifiers import new_id
from placet_shared.postgres.connections import open_pool
from placet_shared.rebuilding import rebuild
from placet_shared.testing import eventually

from .conftest import SCHEMA, Audit, Site, running_audit
from .events import an_event
from .sources import ALICE, Neighbour
from .test_projector import JSON, UNREADABLE

postgres = pytest.mark.postgres

KEPT = "select text_id::text as id, salt, body, erased_at is not null as erased from source_texts order by source, text_id"
FIELDS = st.dictionaries(st.sampled_from(["rationale", "comment"]), JSON | st.fixed_dictionaries({"id": JSON, "hmac": JSON}))


@given(FIELDS)
def test_whatever_a_field_holds_only_a_commitment_is_one(fields: dict[str, Any]) -> None:
    for said in commitments_in(fields).values():
        assert (len(said.text_id), len(said.hmac)) == (36, 64)


def test_commitment_is_found_by_its_field() -> None:
    said = commitment(a_text("Well done."))
    found = commitments_in({"rationale": said, "comment": {**said, "more": 1}, "reason": {**said, "hmac": said["hmac"].upper()}, "a": 1})
    assert {name: (one.text_id, one.hmac) for name, one in found.items()} == {"rationale": (said["id"], said["hmac"])}


# Through the whole service, from the feed of a real store.


async def said_in(audit: Audit, token: str | None = None) -> list[Any]:
    answer = await audit.ask("/v1/timeline", order="oldest", **({"token": token} if token else {}))
    assert answer.status_code == 200, answer.text
    lines = answer.json()["items"]
    assert None not in [line.get("said", "absent") for line in lines], "absent, not null"
    return [line.get("said") for line in lines]


async def arrived(audit: Audit, number: int) -> None:
    """So many lines have their text."""

    async def so_many() -> bool:
        return sum(said is not None and said["text"] is not None for said in await said_in(audit)) == number

    await eventually(so_many)


@postgres
async def test_auditor_reads_rationale_and_comment_and_others_do_not(audit: Audit) -> None:
    ids = [await audit.approval.say("The figures hold."), await audit.approval.say("Why May?", "comment", "CommentAdded")]
    await audit.registry.say("Churn of customers.", "description", "ModelDescribed")
    audit.seen = {one.name: one.position for one in (audit.approval, audit.registry)}
    await arrived(audit, 2)
    said = [one for one in await said_in(audit) if one]
    assert [(one["kind"], one["id"], one["text"], one["erased"]) for one in said] == [
        ("rationale", ids[0], "The figures hold.", False),
        ("comment", ids[1], "Why May?", False),
    ]
    assert await said_in(audit, ALICE) == [None] * 3

    async def all_kept() -> bool:
        return {row["body"] for row in await audit.site.fetch(KEPT)} == {"The figures hold.", "Why May?", "Churn of customers."}

    await eventually(all_kept)


@postgres
@pytest.mark.parametrize("body", ["x" * 65_536, "ü\u2028" * 13_000])
async def test_text_of_64_kibibytes_arrives_whole(audit: Audit, body: str) -> None:
    await audit.approval.say(body)
    audit.seen = {"approval": audit.approval.position}
    await arrived(audit, 1)
    [said] = await said_in(audit)
    assert said["text"] == body


@postgres
async def test_what_is_erased_at_its_source_is_erased_here_and_stays_so(audit: Audit) -> None:
    text_id = await audit.approval.say("Her number is 0123.")
    audit.seen = {"approval": audit.approval.position}
    await arrived(audit, 1)
    await audit.approval.erase(text_id)

    async def is_erased() -> bool:
        return [tuple(row) for row in await audit.site.fetch(KEPT)] == [(text_id, None, None, True)]

    await eventually(is_erased)
    await rebuild(audit.site.superuser_url, SCHEMA, all_views(), lambda done, of: None)
    assert await is_erased()
    said = [one for one in await said_in(audit) if one]
    assert [(one["id"], one["text"], one["erased"]) for one in said] == [(text_id, None, True)]


class Silent(FeedClient):
    """A source whose events are to be had, and its texts are not."""

    async def texts(self, ids: Sequence[str]) -> Mapping[str, CarriedText]:
        raise Unavailable("no texts today")


@postgres
async def test_missing_texts_delay_no_event_and_are_fetched_after_a_restart(
    site: Site, approval: Neighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("placet_shared.bus.feed_client.FeedClient.texts", Silent.texts)
        async with running_audit(site, approval) as (app, client):
            audit = Audit(site, approval, approval, approval, app, client, {})
            await approval.say("The figures hold.")
            gone = await approval.say("Her number is 0123.")
            await approval.erase(gone)
            audit.seen = {"approval": approval.position}
            assert [said and said["text"] for said in await said_in(audit)] == [None] * 3
            await eventually(lambda: "texts of approval" in audit.services.failing())
    async with running_audit(site, approval) as (app, client):
        audit = Audit(site, approval, approval, approval, app, client, audit.seen)
        await arrived(audit, 1)
        assert [said and (said["text"], said["erased"]) for said in await said_in(audit)] == [
            ("The figures hold.", False), (None, True), None,
        ]  # fmt: skip


# The workers alone, against sources that lie or are late.


def a_text(body: str) -> Text:
    return new_text(body, kind="rationale", subject="model-churn", author="alice")


class Lying:
    """A source that sends whatever a test has it send, and does something first."""

    name = "approval"

    def __init__(self, *texts: Text) -> None:
        self.sent = {text.id: CarriedText(text.salt, text.body) for text in texts}
        self.asked: list[list[str]] = []
        self.error: Exception | None = None

    async def texts(self, ids: Sequence[str]) -> Mapping[str, CarriedText]:
        self.asked.append([*ids])
        if self.error:
            error, self.error = self.error, None
            raise error
        return self.sent


class Workers:
    """The notes, and the fetcher of one source, on a database whose log a test fills."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.level: list[str] = ["approval"]
        self.notes = TextNotes(pool, lambda: self.level)
        self.positions = iter(range(1, 1000))

    async def log(self, type_: str, data: bytes | Mapping[str, Any], source: str = "approval") -> None:
        raw = data if isinstance(data, bytes) else orjson.dumps(data)
        async with self.pool.acquire() as connection:
            await PostgresAuditLog().append(connection, [an_event(next(self.positions), source=source, type=type_, data=raw)])

    async def log_text(self, text: Text) -> None:
        await self.log("ApprovalGranted", {"rationale": commitment(text)})

    async def log_erasure(self, text: Text, source: str = "approval") -> None:
        await self.log("TextErased", {"text_id": text.id}, source)

    async def kept(self) -> list[tuple[str | None, bool]]:
        return [(row["body"], row["erased"]) for row in await self.pool.fetch(KEPT)]

    async def said(self) -> list[str | None]:
        async with self.pool.acquire() as connection:
            return [one.text for one in (await texts_said(connection, range(100), self.notes.settled)).values()]


@pytest.fixture
async def workers(site: Site) -> AsyncIterator[Workers]:
    pool = await open_pool(site.url, SCHEMA, size=4)  # one holds a lock, two wait for it, one sees them wait
    try:
        yield Workers(pool)
    finally:
        await pool.close()


@postgres
async def test_text_that_was_swapped_is_dropped_counted_and_logged_and_the_true_one_kept_later(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    true, other = a_text("I do not agree."), a_text("I agree.")
    swapped = [CarriedText(true.salt, other.body), CarriedText(other.salt, true.body), CarriedText(true.salt, true.body + "\0")]
    swapped.append(CarriedText(true.salt, "\ud800"))
    await workers.log_text(true)
    await workers.notes.work()
    source = Lying()
    fetcher = TextFetcher(workers.pool, source)
    dropped: list[Mapping[str, Any]] = []
    fetcher._dropped = lambda number, attributes: dropped.append(attributes)
    for lie in swapped:
        source.sent = {true.id: lie}
        await made_due(workers)
        with caplog.at_level(logging.WARNING):
            await fetcher.work()
        assert await workers.kept() == [(None, False)]
    assert dropped == [{"source": "approval", "reason": "mismatch"}] * 4
    assert f"{true.id} (mismatch)" in caplog.text
    assert "agree" not in caplog.text
    assert await due(workers) == 0, "it is not asked for again at once"
    source.sent = {true.id: CarriedText(true.salt, true.body)}
    await made_due(workers)
    await fetcher.work()
    assert await workers.kept() == [("I do not agree.", False)]


@postgres
async def test_text_that_the_source_does_not_have_is_asked_for_again_later(workers: Workers) -> None:
    await workers.log_text(a_text("Of a branch that was lost."))
    await workers.notes.work()
    source = Lying()
    for _ in range(3):
        await TextFetcher(workers.pool, source).work()
    assert len(source.asked) == 1
    await made_due(workers)
    await TextFetcher(workers.pool, source).work()
    assert len(source.asked) == 2
    assert await workers.kept() == [(None, False)]


@postgres
async def test_text_that_arrives_after_its_erasure_is_not_kept(workers: Workers) -> None:
    text = a_text("Her number is 0123.")
    await workers.log_text(text)
    await workers.notes.work()

    class Late(Lying):
        async def texts(self, ids: Sequence[str]) -> Mapping[str, CarriedText]:
            await workers.log_erasure(text)
            await workers.notes.work()
            return await super().texts(ids)

    await TextFetcher(workers.pool, Late(text)).work()
    assert await workers.kept() == [(None, True)]


@postgres
@pytest.mark.parametrize("erasure_first", [True, False])
async def test_erasure_at_the_same_instant_as_the_arrival_wins(workers: Workers, erasure_first: bool) -> None:
    """Whichever holds the row's lock, the other waits for it."""
    text = a_text("Her number is 0123.")
    await workers.log_text(text)
    await workers.notes.work()
    await workers.log_erasure(text)
    fetcher = TextFetcher(workers.pool, Lying(text))
    first, second = (workers.notes.work, fetcher.work) if erasure_first else (fetcher.work, workers.notes.work)
    async with held_up(workers.pool, first, second) as racing:
        await asyncio.gather(*racing)
    assert await workers.kept() == [(None, True)]


@asynccontextmanager
async def held_up(pool: asyncpg.Pool, *works: Callable[[], Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Each in its turn comes to wait for the row's lock, and then they are let go."""
    racing: list[asyncio.Task[Any]] = []
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select from source_texts for update")
        for number, work in enumerate(works, 1):
            racing.append(asyncio.create_task(work()))
            await eventually(is_waited_for, pool, number)
    yield racing


async def is_waited_for(pool: asyncpg.Pool, number: int) -> bool:
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    return bool(await pool.fetchval(waiting) == number)


@postgres
async def test_erasure_of_a_text_that_was_never_noted_keeps_it_away(workers: Workers) -> None:
    text = a_text("Her number is 0123.")
    await workers.log_erasure(text)
    await workers.log_text(text)
    await workers.notes.work()
    source = Lying(text)
    await TextFetcher(workers.pool, source).work()
    assert await workers.kept() == [(None, True)]
    assert source.asked == []


@postgres
async def test_text_that_two_requests_erased_at_once_is_erased(workers: Workers) -> None:
    text = a_text("Her number is 0123.")
    for logged in (workers.log_text, workers.log_erasure, workers.log_erasure):
        await logged(text)
    await workers.notes.work()
    assert await workers.kept() == [(None, True)]


@postgres
async def test_event_that_names_the_text_of_another_by_another_commitment_does_not_show_it(workers: Workers) -> None:
    text = a_text("The figures hold.")
    await workers.log_text(text)
    await workers.log("SignOffRejected", {"rationale": {**commitment(text), "hmac": "0" * 64}})
    await workers.notes.work()
    await TextFetcher(workers.pool, Lying(text)).work()
    assert await workers.said() == ["The figures hold.", None]


@postgres
async def test_one_source_erases_no_text_of_another(workers: Workers) -> None:
    text = a_text("The figures hold.")
    await workers.log_text(text)
    await workers.log_erasure(text, source="registry")
    await workers.notes.work()
    await TextFetcher(workers.pool, Lying(text)).work()
    assert ("The figures hold.", False) in await workers.kept()
    assert await workers.said() == ["The figures hold."]


@postgres
@pytest.mark.parametrize("data", [*UNREADABLE, b'{"rationale": {"id": "\\u0000", "hmac": 1}}', b'["hmac"]'])
@pytest.mark.parametrize("type_", ["TextErased", "ApprovalGranted"])
async def test_entry_that_can_not_be_read_holds_up_no_text(workers: Workers, type_: str, data: bytes) -> None:
    await workers.log(type_, data)
    text = a_text("The figures hold.")
    await workers.log_text(text)
    await workers.notes.work()
    await TextFetcher(workers.pool, Lying(text)).work()
    assert await workers.kept() == [("The figures hold.", False)]
    assert await workers.said() == ["The figures hold."]


@postgres
async def test_loop_goes_on_by_itself_when_the_source_is_back(workers: Workers) -> None:
    text = a_text("The figures hold.")
    await workers.log_text(text)
    await workers.notes.work()
    source = Lying(text)
    source.error = Unavailable("away")
    loop = asyncio.create_task(TextFetcher(workers.pool, source).loop.run())

    async def is_kept() -> bool:
        return await workers.kept() == [("The figures hold.", False)]

    await eventually(is_kept)
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
    assert len(source.asked) == 2


@postgres
async def test_text_is_withheld_after_a_start_until_its_source_has_told_all_erasures(workers: Workers) -> None:
    """The database may be a copy from before an erasure, which is yet to be read again."""
    kept, gone = a_text("The figures hold."), a_text("Her number is 0123.")
    for text in (kept, gone):
        await workers.log_text(text)
    await workers.notes.work()
    await TextFetcher(workers.pool, Lying(kept, gone)).work()
    assert set(await workers.said()) == {"Her number is 0123.", "The figures hold."}

    restored = Workers(workers.pool)
    restored.positions, restored.level = workers.positions, []
    await restored.notes.work()
    assert await restored.said() == [None, None]
    await restored.log_erasure(gone)
    restored.level = ["approval"]
    await restored.notes.work()
    assert await restored.said() == ["The figures hold.", None]


@postgres
async def test_many_texts_are_fetched_in_pages(workers: Workers) -> None:
    texts = [a_text(f"Remark {new_id()}") for _ in range(50)]
    for text in texts:
        await workers.log_text(text)
    await workers.notes.work()
    source = Lying(*texts)
    await TextFetcher(workers.pool, source).work()
    assert {body for body, _ in await workers.kept()} == {text.body for text in texts}
    assert [len(asked) for asked in source.asked] == [20, 20, 10]


async def due(workers: Workers) -> int:
    number: int = await workers.pool.fetchval("select count(*) from source_texts where body is null and due_at <= clock_timestamp()")
    return number


async def made_due(workers: Workers) -> None:
    await workers.pool.execute("update source_texts set due_at = clock_timestamp() where body is null")
