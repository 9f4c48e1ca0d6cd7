"""An event that a service can't apply, from the first look at it to the decision to go on without it."""

import asyncio
import json
from typing import Any

import pytest

from placet_shared.event_store import Answer, EventRegistry, EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually_blocking

pytestmark = pytest.mark.postgres

DEV = ("--environment", "dev")


def said_by_the_registry(installation: Any, type_: str, subject: str, data: dict[str, Any]) -> int:
    """An event as no registry of today writes it, its position."""

    async def handler(uow: UnitOfWork) -> Answer:
        uow.record(type_, stream="said", subject=subject, data=data)
        return Answer(200, {})

    async def say() -> int:
        store = EventStore(installation.surroundings.embedded["registry"].login, "registry", EventRegistry("registry", ()))
        await store.start()
        try:
            committed = await store.run(handler, Metadata("somebody", new_id()), None, action="say")
        finally:
            await store.close()
        assert committed.position
        return committed.position.position

    return asyncio.run(say())


def listed(installation: Any, *words: str) -> list[Any]:
    answer = installation.placet("erin", "parked", "list", *words, "--json")
    assert answer.returncode == 0, answer.stderr
    items: list[Any] = json.loads(answer.stdout)["items"]
    return items


def until_listed(installation: Any, name: str) -> None:
    eventually_blocking(lambda: name in [one["name"] for one in listed(installation)])


def test_parked_event_is_shown_retried_skipped_and_the_gate_says_yes_again(installation: Any, register: Any) -> None:
    model = register("whale").model_id
    gate = ("gate", "whale/1", *DEV)
    assert installation.placet("ci", *gate).returncode == 0
    event = f"approval:registry:{said_by_the_registry(installation, 'VersionRegistered', model, {'version_id': 'v'})}"
    until_listed(installation, event)
    held_up = installation.placet("ci", *gate)
    assert (held_up.returncode, "unprocessed_event" in held_up.stderr + held_up.stdout) == (4, True)

    assert [one["name"] for one in listed(installation, "--service", "approval")] == [event]
    assert listed(installation, "--service", "registry") == []
    shown = installation.placet("erin", "parked", "show", event)
    assert shown.returncode == 0, shown.stderr
    for said in (model, "VersionRegistered", "KeyError: 'artifact'"):
        assert said in shown.stdout
    assert f"placet parked skip {event}" in shown.stderr

    assert installation.placet("erin", "parked", "skip", event, "--reason", "I may not.").returncode == 1
    retried = installation.placet("dora", "parked", "retry", event)
    assert (retried.returncode, "still parked" in retried.stdout) == (1, True)
    skipped = installation.placet("dora", "parked", "skip", event, "--reason", "A tool that no longer exists wrote it.")
    assert (skipped.returncode, "skipped" in skipped.stdout) == (0, True), skipped.stderr
    assert installation.placet("ci", *gate).returncode == 0
    assert "Nothing is parked" in installation.placet("erin", "parked").stderr

    trail = json.loads(installation.placet("erin", "audit", "timeline", "--model", "whale", "--json").stdout)["items"]
    acts = [(act["type"], act["result"]) for act in trail]
    assert acts[-2:] == [("ParkedEventRetried", "done"), ("ParkedEventSkipped", "done")]


def test_name_that_names_no_event_is_a_usage_error(installation: Any) -> None:
    for name in ("registry:12", "approval:registry", "nobody:registry:12", "approval:registry:0"):
        assert installation.placet("erin", "parked", "show", name).returncode == 2
    assert installation.placet("erin", "parked", "show", "approval:registry:999999").returncode == 1
    assert installation.placet("erin", "parked", "list", "--service", "nobody").returncode == 2
