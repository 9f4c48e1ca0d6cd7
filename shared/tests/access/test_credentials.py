"""Tokens known from approval-service's events, and what is asked where they do not suffice."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request

from placet_shared.access import Actor, IntrospectingAuthenticator
from placet_shared.access.credentials import CREDENTIAL_TYPES, Credentials, ProjectedAuthenticator
from placet_shared.bus.consumer import Consumer
from placet_shared.bus.feed import Feed
from placet_shared.bus.local import LocalSource
from placet_shared.bus.passed_over import PassedOver
from placet_shared.bus.watcher import StoreWatcher
from placet_shared.contracts import EventData, approval_people
from placet_shared.errors import Unavailable
from placet_shared.event_store import Answer, EventRegistry, EventStore, Metadata, Position, RecordedEvent, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.postgres import Migrations, connect
from placet_shared.postgres.connections import open_pool
from placet_shared.testing import STORE_TABLES, PrepareDatabase, as_role, eventually, prepare_schema, served, service_role
from placet_shared.tokens import new_token, token_hash
from placet_shared.web.server import listen

from ..bus.conftest import READER_ROLE, READERS

pytestmark = pytest.mark.postgres

ALICE = Actor("person-1", "person", frozenset({"developer", "reviewer"}), "token-1")
CI = Actor("account-1", "service_account", frozenset({"pipeline"}), "token-2")
IN_AN_HOUR, AN_HOUR_AGO = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, -1))


@dataclass
class Approval:
    """approval-service: its store, and its server that answers introspections, until it is stopped."""

    store: EventStore
    source: LocalSource
    url: str = ""
    knows: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def say(self, subject: str, *events: EventData) -> Position | None:
        """Publish events about one holder, together."""

        async def handler(uow: UnitOfWork) -> Answer:
            for event in events:
                uow.record(type(event).__name__, stream=f"said-{subject}", subject=subject, data=event.model_dump(mode="json"))
            return Answer(200, {})

        return (await self.store.run(handler, Metadata("admin-1", "test"), None, action="say")).position

    async def has_alice(self, token: str, expires_at: datetime | None = None) -> None:
        await self.say(
            ALICE.id,
            approval_people.PersonAdded(person_id=ALICE.id, roles=sorted(ALICE.roles)),
            issued(token, ALICE, expires_at),
        )

    def answers(self, token: str, actor: Actor) -> None:
        who = {"id": actor.id, "kind": actor.kind, "roles": sorted(actor.roles)}
        self.knows[token_hash(token)] = {"active": True, "actor": who, "token_id": actor.token_id, "expires_at": None}

    async def introspect(self, request: Request) -> dict[str, Any]:
        digest = (await request.json())["token_sha256"]
        self.asked.append(digest)
        return self.knows.get(digest, {"active": False})


class Fragile(Credentials):
    """The projection with a defect: it can't apply some types of events."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    async def apply(self, connection: asyncpg.Connection, event: RecordedEvent) -> None:
        if event.type in self.broken:
            raise ValueError("this reader has a defect")
        await super().apply(connection, event)


@dataclass
class Registry:
    """A service that authenticates by the projection."""

    consumer: Consumer
    projection: Fragile
    authenticator: ProjectedAuthenticator
    pool: asyncpg.Pool


def issued(token: str, actor: Actor, expires_at: datetime | None = None) -> EventData:
    return approval_people.TokenIssued(
        token_id=actor.token_id,
        holder_id=actor.id,
        holder_kind=actor.kind,
        token_sha256=token_hash(token),
        expires_at=expires_at,
        issuers=[],
    )


def revoked(actor: Actor) -> EventData:
    return approval_people.TokenRevoked(token_id=actor.token_id, reason=None)


@pytest.fixture
def token() -> str:
    return new_token()


async def prepared(url: str) -> None:
    """Approval's store, and the readers' schema with what a service keeps of credentials."""
    await prepare_schema(url, "approval", STORE_TABLES)
    await prepare_schema(url, READERS, Migrations("placet_shared.event_store", "placet_shared.bus", "placet_shared.access"))


@pytest.fixture(scope="session")
def prepare_database() -> PrepareDatabase:
    return prepared


@pytest.fixture
async def approval(database: str) -> AsyncIterator[Approval]:
    url = as_role(database, service_role("approval"))
    store = EventStore(url, "approval", EventRegistry("approval", ()))
    await store.start()
    approval = Approval(store, LocalSource(Feed("approval", store.pool, StoreWatcher(url, "approval", "approval"))))
    app = FastAPI()
    app.post("/v1/tokens/introspect")(approval.introspect)
    async with served(app) as server:
        approval.url = server.url
        yield approval
    await store.close()


@pytest.fixture
async def registry(approval: Approval, database: str) -> AsyncIterator[Registry]:
    pool = await open_pool(as_role(database, READER_ROLE), READERS)
    projection = Fragile()
    async with httpx.AsyncClient(verify=False) as client:
        introspection = IntrospectingAuthenticator(client, approval.url, new_token())
        yield Registry(Consumer(approval.source, pool, projection), projection, ProjectedAuthenticator(pool, introspection), pool)
    await pool.close()


@pytest.fixture
async def cut_off(registry: Registry) -> AsyncIterator[ProjectedAuthenticator]:
    """The same service while no server listens at approval-service's address."""
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    async with httpx.AsyncClient(verify=False) as client:
        yield ProjectedAuthenticator(registry.pool, IntrospectingAuthenticator(client, f"http://127.0.0.1:{port}", new_token()))


async def test_known_token_is_answered_without_a_question(registry: Registry, approval: Approval, token: str) -> None:
    await approval.has_alice(token, IN_AN_HOUR)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) == ALICE
    assert approval.asked == []


async def test_service_account_s_token_is_its_own(registry: Registry, approval: Approval, token: str) -> None:
    added = approval_people.ServiceAccountAdded(account_id=CI.id, name="ci", roles=sorted(CI.roles))
    await approval.say(CI.id, added, issued(token, CI))
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) == CI


async def test_token_that_has_not_arrived_is_asked_about(registry: Registry, approval: Approval, token: str) -> None:
    approval.answers(token, ALICE)
    assert await registry.authenticator.authenticate(token) == ALICE
    assert approval.asked == [token_hash(token)]


async def test_unknown_token_is_refused_after_one_question(registry: Registry, approval: Approval, token: str) -> None:
    assert await registry.authenticator.authenticate(token) is None
    assert approval.asked == [token_hash(token)]


async def test_known_token_works_while_approval_is_away(
    registry: Registry, cut_off: ProjectedAuthenticator, approval: Approval, token: str
) -> None:
    await approval.has_alice(token)
    await registry.consumer.catch_up()
    assert await cut_off.authenticate(token) == ALICE


async def test_unknown_token_can_not_be_judged_while_approval_is_away(cut_off: ProjectedAuthenticator, token: str) -> None:
    with pytest.raises(Unavailable) as refused:
        await cut_off.authenticate(token)
    assert refused.value.code == "authentication_unavailable"


@pytest.mark.parametrize(
    "end",
    [
        revoked(ALICE),
        approval_people.PersonDeactivated(person_id=ALICE.id),
        approval_people.PersonErased(person_id=ALICE.id),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_ended_token_is_refused_also_while_introspection_remembers_a_yes(
    registry: Registry, approval: Approval, token: str, end: EventData
) -> None:
    approval.answers(token, ALICE)
    assert await registry.authenticator.authenticate(token) == ALICE
    await approval.has_alice(token)
    await approval.say(ALICE.id, end)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) is None
    assert len(approval.asked) == 1


async def test_deactivated_service_account_is_refused_also_while_approval_is_away(
    registry: Registry, cut_off: ProjectedAuthenticator, approval: Approval, token: str
) -> None:
    added = approval_people.ServiceAccountAdded(account_id=CI.id, name="ci", roles=["pipeline"])
    await approval.say(CI.id, added, issued(token, CI), approval_people.ServiceAccountDeactivated(account_id=CI.id))
    await registry.consumer.catch_up()
    assert await cut_off.authenticate(token) is None


async def test_changed_roles_are_the_new_ones(registry: Registry, approval: Approval, token: str) -> None:
    await approval.has_alice(token)
    await approval.say(ALICE.id, approval_people.PersonRolesChanged(person_id=ALICE.id, roles=["auditor"]))
    await registry.consumer.catch_up()
    actor = await registry.authenticator.authenticate(token)
    assert actor is not None
    assert actor.roles == {"auditor"}


async def test_expired_token_is_refused(registry: Registry, approval: Approval, token: str) -> None:
    await approval.has_alice(token, AN_HOUR_AGO)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) is None


async def test_expiry_is_judged_when_asked(registry: Registry, approval: Approval, token: str) -> None:
    await approval.has_alice(token, IN_AN_HOUR)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) == ALICE
    await registry.pool.execute("update credentials set expires_at = clock_timestamp() + interval '0.2 s'")

    async def is_refused() -> bool:
        return await registry.authenticator.authenticate(token) is None

    await eventually(is_refused)


async def test_holder_with_a_parked_event_is_not_vouched_for(
    registry: Registry, cut_off: ProjectedAuthenticator, approval: Approval, token: str
) -> None:
    """Roles may have been taken away by what could not be applied: approval-service is asked, and without it there is no answer."""
    await approval.has_alice(token)
    registry.projection.broken = {"PersonRolesChanged"}
    await approval.say(ALICE.id, approval_people.PersonRolesChanged(person_id=ALICE.id, roles=["auditor"]))
    await registry.consumer.catch_up()
    with pytest.raises(Unavailable):
        await cut_off.authenticate(token)
    assert await registry.authenticator.authenticate(token) is None
    registry.projection.broken.clear()
    await registry.consumer.retry_parked()
    assert await cut_off.authenticate(token) == Actor(ALICE.id, "person", frozenset({"auditor"}), ALICE.token_id)


async def test_token_whose_issue_is_parked_is_asked_about(registry: Registry, approval: Approval, token: str) -> None:
    registry.projection.broken = {"TokenIssued"}
    await approval.has_alice(token)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) is None
    assert approval.asked == [token_hash(token)]


@pytest.mark.parametrize("end", [revoked(ALICE), approval_people.PersonDeactivated(person_id=ALICE.id)], ids=["token", "holder"])
async def test_end_overtakes_what_is_parked_and_is_not_undone_when_that_is_applied(
    registry: Registry, approval: Approval, token: str, end: EventData
) -> None:
    registry.projection.broken = {"PersonAdded", "TokenIssued"}
    await approval.has_alice(token)
    await approval.say(ALICE.id, end)
    approval.answers(token, ALICE)
    await registry.consumer.catch_up()
    assert await registry.pool.fetchval("select count(*) from parked_events") == 2
    registry.projection.broken.clear()
    assert await registry.consumer.retry_parked() == 2
    assert await registry.authenticator.authenticate(token) is None
    assert approval.asked == []


async def test_end_that_can_not_be_applied_holds_up_the_source(registry: Registry, approval: Approval, token: str) -> None:
    await approval.has_alice(token)
    registry.projection.broken = {"TokenRevoked"}
    await approval.say(ALICE.id, revoked(ALICE))
    with pytest.raises(ValueError, match="defect"):
        await registry.consumer.catch_up()
    assert (await registry.consumer.mark()).position == 2
    assert await registry.pool.fetchval("select count(*) from parked_events") == 0


async def test_while_a_restored_source_is_read_again_approval_is_asked(
    registry: Registry, cut_off: ProjectedAuthenticator, approval: Approval, token: str, database: str
) -> None:
    """A revocation may be among the events that are still to come."""
    await approval.has_alice(token)
    await registry.consumer.catch_up()
    admin = await connect(database, READERS)
    await admin.execute("update marks set rebuild_until = 3")
    await admin.close()
    with pytest.raises(Unavailable):
        await cut_off.authenticate(token)
    assert await registry.authenticator.authenticate(token) is None
    await approval.say(ALICE.id, approval_people.PersonRolesChanged(person_id=ALICE.id, roles=["auditor"]))
    await registry.consumer.catch_up()
    assert await cut_off.authenticate(token) is not None


async def test_reset_forgets_all_credentials(registry: Registry, approval: Approval, token: str) -> None:
    await approval.has_alice(token)
    await registry.consumer.catch_up()
    async with registry.pool.acquire() as connection:
        await registry.projection.reset(connection, approval.source)
    assert await registry.pool.fetchval("select (select count(*) from credentials) + (select count(*) from holders)") == 0


async def test_what_concerns_no_credential_is_passed_over_and_queues_behind_no_other(
    registry: Registry, approval: Approval, token: str
) -> None:
    async def sign(uow: UnitOfWork) -> Answer:
        uow.record("SignOffRequested", stream="signoff-1", subject=ALICE.id, data={"model_id": "model-1"})
        return Answer(200, {})

    registry.projection.broken = {"PersonAdded"}
    await approval.has_alice(token)
    await approval.store.run(sign, Metadata("person-1", "test"), None, action="sign")
    await registry.consumer.catch_up()
    parked: Iterable[Any] = await registry.pool.fetch("select type from parked_events order by position")
    assert [row["type"] for row in parked] == ["PersonAdded", "TokenIssued"]


async def test_database_that_is_away_is_unavailable(registry: Registry, database: str) -> None:
    await registry.pool.close()
    with pytest.raises(Unavailable):
        await registry.authenticator.authenticate(new_token())


async def test_event_that_came_without_its_data_changes_nothing(registry: Registry) -> None:
    event = PassedOver(1, 1, new_id(), None, "SignOffRequested", "2026-11-23T14:00:00Z").recorded("approval")
    async with registry.pool.acquire() as connection:
        await Credentials().apply(connection, event)
    assert Credentials().subjects(event) == []


def test_every_published_event_about_people_is_applied_or_passed_over_on_purpose() -> None:
    known = CREDENTIAL_TYPES
    assert approval_people.PEOPLE_EVENTS.keys() - known == {"PersonAddressChanged", "ServiceAccountNameReserved"}
    assert known <= approval_people.PEOPLE_EVENTS.keys()
