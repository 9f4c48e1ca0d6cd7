"""A yes reflects all that was committed anywhere before the question; what is not known is a no with `decided: false`."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.ports import EverythingArrived
from placet_approval.queries.gate import Gate
from placet_shared.bus.barrier import NotPassed
from placet_shared.event_store import Position
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually

from ..decisions.conftest import ARTIFACT, WHY
from .conftest import BY_DIGEST, Town, verdict

pytestmark = pytest.mark.postgres

UNREADABLE = {"version_id": "v"}
YES: tuple[str, bool, list[str]] = ("allow", True, [])


async def until_parked(town: Town) -> None:
    await eventually(lambda: town.connection.fetch("select 1 from parked_events"))


@pytest.mark.parametrize("flowing", [True, False])
async def test_registration_right_before_the_question_is_known(town: Town, flowing: bool) -> None:
    if not flowing:
        town.registry.flowing.clear()
    town.in_haste = True
    for number in range(2, 5):
        digest = f"{number:064x}"
        await town.registers(number, artifact=digest)
        assert verdict(await town.asks(environment="dev", digest=digest)) == YES


@pytest.mark.parametrize("flowing", [True, False])
async def test_failed_verification_right_before_the_question_is_a_no(town: Town, flowing: bool) -> None:
    await town.an_approved_sign_off()
    assert verdict(await town.asks()) == YES
    if not flowing:
        town.verification.flowing.clear()
    town.in_haste = True
    await town.verifies(passed=False, result="d" * 64)
    kind, decided, codes = verdict(await town.decides())
    assert (kind, decided) == ("deny", True)
    assert "verification_failed" in codes


async def test_revocation_right_before_the_question_is_a_no(town: Town) -> None:
    path = await town.an_approved_sign_off()
    for answer in (town.asks, town.decides):
        assert verdict(await answer()) == YES
    await town.bob.post(f"{path}/revoke", WHY)
    for answer in (town.asks, town.decides):
        assert verdict(await answer()) == ("deny", True, ["revoked"])


async def test_positions_are_those_of_the_sources(town: Town) -> None:
    await town.an_approved_sign_off()
    answer = await town.decides()
    heads = {name: (await neighbour.head()).place for name, neighbour in town.neighbours.items()}
    assert {name: answer["positions"][name] for name in heads} == heads
    assert answer["positions"]["approval"].startswith("approval:1:")


async def test_source_without_events_denies_nothing(town: Town) -> None:
    await town.connection.execute("delete from known_runs")
    await town.verification.restore_backup(0)
    await town.connection.execute("delete from marks where source = 'verification'")
    answer = await town.asks(environment="dev", digest=ARTIFACT)
    assert (verdict(answer), answer["positions"]["verification"]) == (YES, "verification:0:0")


@pytest.mark.parametrize("patience_seconds", [0.25])
async def test_event_that_has_not_arrived_in_time_is_stale(town: Town) -> None:
    await town.an_approved_sign_off()
    town.registry.flowing.clear()
    town.registry.readable.clear()
    town.in_haste = True
    await town.registers(2, artifact="c" * 64)
    for environment in ("prod", "dev"):
        assert verdict(await town.asks(environment=environment, digest=ARTIFACT)) == ("deny", False, ["stale"])
    town.registry.readable.set()
    assert verdict(await town.asks_until_decided()) == YES


@pytest.mark.parametrize("patience_seconds", [0.25])
@pytest.mark.parametrize("how", ["down", "silent"])
async def test_source_that_does_not_answer_is_a_no(town: Town, how: str) -> None:
    await town.an_approved_sign_off()
    town.verification.down = how == "down"
    if how == "silent":
        town.verification.answering.clear()
    answer = await town.decides()
    assert verdict(answer) == ("deny", False, ["source_unreachable"])
    assert answer["reasons"][0]["facts"] == {"source": "verification"}
    town.verification.down = False
    town.verification.answering.set()
    assert verdict(await town.asks_until_decided()) == YES


async def test_restored_source_is_a_no_until_it_was_read_again(town: Town) -> None:
    await town.an_approved_sign_off()
    town.registry.flowing.clear()
    before = (await town.registry.head()).position
    await town.registry.restore_backup(before - 1)
    assert verdict(await town.asks()) == ("deny", False, ["source_behind"])
    another = new_id()
    data: dict[str, object] = {"model_id": another, "name": "churn", "description": None, "tags": {}}
    assert (await town.registry.says("ModelRegistered", another, data)).epoch == 2
    kind, decided, [first, *_] = verdict(await town.asks())
    assert (kind, decided, first) == ("deny", False, "source_restored"), "what came from it may have been deleted already"
    town.registry.flowing.set()
    assert verdict(await town.asks_until_decided()) == ("deny", True, ["unknown_digest"]), (
        "the version was registered on the branch that is lost"
    )


@pytest.mark.parametrize(
    "change",
    [
        "update marks set position = position - 1 where source = 'registry'",
        "update marks set rebuild_until = position + 1 where source = 'registry'",
        "update marks set epoch = epoch - 1 where source = 'registry'",
        "delete from marks where source = 'registry'",
    ],
)
async def test_source_found_restored_after_the_barrier_is_a_no(town: Town, change: str) -> None:
    await town.an_approved_sign_off()
    town.registry.flowing.clear()

    class ThenRestored:
        async def heads(self) -> None:
            return None

        async def wait(self, since: float | None = None) -> Mapping[str, Position]:
            heads = await town.service.services.barrier.wait()
            await town.connection.execute(change)
            return heads

    arrived: EverythingArrived = ThenRestored()
    decision = await Gate(town.store.pool, arrived).ask(GateQuestion("prod", digest=ARTIFACT))
    assert [(reason.code, reason.facts["source"]) for reason in decision.facts.knowledge_gaps] == [("source_restored", "registry")]


@dataclass
class Heads:
    """Sources that say they are here; to wait for them leads to nothing."""

    town: Town
    change: Callable[[Position], Position | None]
    waited: int = 0

    async def heads(self) -> Mapping[str, Position] | None:
        real = await self.town.service.services.barrier.heads()
        assert real is not None
        changed = {name: self.change(head) if name == "registry" else head for name, head in real.items()}
        return {name: head for name, head in changed.items() if head} if all(changed.values()) else None

    async def wait(self, since: float | None = None) -> Mapping[str, Position]:
        self.waited += 1
        raise NotPassed("stale", "registry", "not here yet")

    async def ask(self) -> tuple[str, bool]:
        decision = await Gate(self.town.store.pool, self).ask(GateQuestion("prod", digest=ARTIFACT))
        return decision.verdict, decision.decided


async def test_snapshot_at_exactly_the_heads_needs_no_wait(town: Town) -> None:
    await town.an_approved_sign_off()
    assert verdict(await town.asks_until_decided()) == YES
    heads = Heads(town, lambda head: head)
    assert await heads.ask() == ("allow", True)
    assert heads.waited == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda head: replace(head, position=head.position + 1),
        lambda head: replace(head, position=head.position - 1),
        lambda head: replace(head, epoch=head.epoch + 1),
        lambda head: replace(head, event_id=new_id()),
        lambda head: None,
    ],
)
async def test_snapshot_that_is_not_at_the_heads_is_none_to_decide_on(town: Town, change: Callable[[Position], Position | None]) -> None:
    await town.an_approved_sign_off()
    assert verdict(await town.asks_until_decided()) == YES
    heads = Heads(town, change)
    assert await heads.ask() == ("deny", False)
    assert heads.waited == 1


async def test_parked_event_of_the_model_is_a_no_and_of_another_model_is_none(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.registry.says("VersionRegistered", new_id(), UNREADABLE)
    await until_parked(town)
    assert verdict(await town.asks()) == YES
    await town.registry.says("VersionRegistered", town.model_id, UNREADABLE)
    for question in (BY_DIGEST, {"environment": "dev", "digest": ARTIFACT}):
        assert verdict(await town.decides(**question)) == ("deny", False, ["unprocessed_event"])


async def test_parked_event_of_another_model_that_names_the_digest_is_a_no(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.registry.says("VersionRegistered", new_id(), {"artifact": {"sha256": ARTIFACT}})
    await until_parked(town)
    assert verdict(await town.asks()) == ("deny", False, ["unprocessed_event"]), "the digest may be ambiguous"
    held_up = await town.asks(**BY_DIGEST, model="fraud")
    assert verdict(held_up) == ("deny", False, ["unprocessed_event"]), "and it may name who trained these bytes"


async def test_parked_event_of_no_model_denies_all(town: Town) -> None:
    await town.an_approved_sign_off()
    await town.registry.says("EnvironmentDefined", "moon", {"after": None})
    await until_parked(town)
    for question in (BY_DIGEST, {"environment": "dev", "model": "fraud", "number": 1}):
        assert verdict(await town.asks(**question)) == ("deny", False, ["unprocessed_event"])


async def test_parked_event_while_it_is_not_known_what_is_meant(town: Town) -> None:
    await town.registry.says("VersionRegistered", new_id(), UNREADABLE)
    await until_parked(town)
    answer = await town.asks(environment="prod", digest="9" * 64)
    assert verdict(answer) == ("deny", False, ["unprocessed_event", "unknown_digest"])


async def test_barrier_is_asked_for_every_question_and_shared_by_those_at_once(town: Town) -> None:
    await town.an_approved_sign_off()
    answers = await asyncio.gather(*[town.asks() for _ in range(20)])
    assert [verdict(answer) for answer in answers] == [YES] * 20
