"""A bank whose registry and verification are real sources, and a pipeline that asks the gate."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from placet_approval.bootstrap import OpenSources
from placet_approval.settings import ApprovalSettings
from placet_shared.bus.barrier import NotPassed
from placet_shared.bus.ports import Source
from placet_shared.contracts.registry import REGISTRY_EVENTS
from placet_shared.contracts.verification import VERIFICATION_EVENTS
from placet_shared.testing import DatabaseServer, eventually, traversable_folder

from ..conftest import SCHEMA, Site, prepared, serving
from ..decisions.conftest import ARTIFACT, Bank, Founded, define_policies_of_their_own, found_bank, open_bank
from ..neighbours import Neighbour, open_neighbour, prepare_neighbours

BY_DIGEST = {"environment": "prod", "digest": ARTIFACT}


@dataclass
class Town(Bank):
    """What the bank hears is said by its neighbours, and has arrived unless `in_haste`."""

    neighbours: dict[str, Neighbour] = field(default_factory=dict)
    in_haste: bool = False

    async def hears(self, source: str, type_: str, data: dict[str, Any], actor: str = "nobody") -> None:
        contract = {"registry": REGISTRY_EVENTS, "verification": VERIFICATION_EVENTS}[source]
        contract[type_].model_validate(data)
        await self.neighbours[source].says(type_, data.get("model_id") or data.get("plan_id") or data["name"], data, actor)
        if not self.in_haste:
            await self.all_arrived()

    async def all_arrived(self) -> None:
        """What the barrier says of it."""

        async def barrier_opens() -> bool:
            try:
                await self.service.services.barrier.wait()
            except NotPassed:
                return False
            return True

        await eventually(barrier_opens)

    @property
    def registry(self) -> Neighbour:
        return self.neighbours["registry"]

    @property
    def verification(self) -> Neighbour:
        return self.neighbours["verification"]

    async def asks(self, **question: Any) -> dict[str, Any]:
        """Without a record."""
        answer = await self.alice.get("/v1/gate", params=question or BY_DIGEST)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def asks_until_decided(self) -> dict[str, Any]:
        """What is not known now may be known in a moment."""
        answer: dict[str, Any] = {}

        async def gate_decides() -> bool:
            answer.update(await self.asks())
            return bool(answer["decided"])

        await eventually(gate_decides)
        return answer

    async def decides(self, key: str | None = None, **question: Any) -> dict[str, Any]:
        """For the record, as the pipeline."""
        answer = await self.ci.post("/v1/gate", question or BY_DIGEST, {"Idempotency-Key": key} if key else None)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body


def reasons(answer: dict[str, Any]) -> list[str]:
    """The codes; each reason says what would help."""
    assert all(reason["detail"] and reason["resolve"] for reason in answer["reasons"])
    return [reason["code"] for reason in answer["reasons"]]


def verdict(answer: dict[str, Any]) -> tuple[str, bool, list[str]]:
    assert answer["allowed"] == (answer["verdict"] != "deny")
    return answer["verdict"], answer["decided"], reasons(answer)


@asynccontextmanager
async def open_neighbours(site: Site) -> AsyncIterator[dict[str, Neighbour]]:
    async with open_neighbour(site, "registry") as registry, open_neighbour(site, "verification") as verification:
        yield {"registry": registry, "verification": verification}


def sources_of(neighbours: dict[str, Neighbour]) -> OpenSources:
    """What the service follows."""

    @asynccontextmanager
    async def sources(settings: ApprovalSettings) -> AsyncIterator[Sequence[Source]]:
        yield list(neighbours.values())

    return sources


@pytest.fixture
def patience_seconds() -> float:
    """How long the gate waits; a test of what is missing overrides it."""
    return 20


class PrepareTown:
    """Founds a bank and what its neighbours say of it, once in a run, in the database that each test gets a copy of."""

    founded: Founded

    async def __call__(self, url: str) -> None:
        await prepared(url)
        await prepare_neighbours(url)
        with traversable_folder() as folder:
            site = Site(url, SCHEMA, folder)
            await define_policies_of_their_own(site)
            async with open_neighbours(site) as neighbours, serving(site, sources_of(neighbours)) as service:
                self.founded = await found_bank(Town, service, neighbours=neighbours)


PREPARE_TOWN = PrepareTown()


@pytest.fixture
def town_database(postgres_server: DatabaseServer) -> Iterator[str]:
    with postgres_server.database(PREPARE_TOWN) as url:
        yield url


@pytest.fixture
def town_site(town_database: str, tmp_path: Path) -> Site:
    return Site(town_database, SCHEMA, tmp_path)


@pytest.fixture
async def town(town_site: Site, patience_seconds: float) -> AsyncIterator[Town]:
    async with (
        open_neighbours(town_site) as neighbours,
        serving(town_site, sources_of(neighbours), patience_seconds) as service,
        open_bank(Town, service, PREPARE_TOWN.founded, neighbours=neighbours) as town,
    ):
        yield town
