"""What is particular to each of the two clients, as a program uses it. All else is tried with both, by the fixture `placet`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from placet_client import Addresses, AsyncClient, Client, NotSignedIn, Positions, RetryPolicy
from placet_client.answers.people import Identity
from placet_client.calls import Flow
from placet_client.operations import approval, registry
from placet_shared.testing import eventually

TOKEN = "placet_" + "t" * 40


@pytest.fixture
async def awaited(service: Any, positions: Positions) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(Addresses(*[service.url] * 4), TOKEN, positions, RetryPolicy(5.0, 0.01, 0.02)) as client:
        yield client


async def test_tasks_share_one_client_and_what_it_has_seen(awaited: AsyncClient, service: Any, says: Any, identity: Any) -> None:
    service.by_path["/v1/whoami"] = lambda _: says(200, identity, {"Placet-Position": "approval:1:9"})
    await asyncio.gather(*(awaited.approval.whoami() for _ in range(20)))
    await awaited.approval.whoami()
    assert len(service.asked) == 21
    assert service.asked[-1].headers["Placet-Seen"] == "approval:1:9"


@pytest.fixture
def unavailable(service: Any, problem: Any) -> Any:
    """The service asks for a moment until it is told otherwise."""
    service.by_path["/v1/whoami"] = lambda _: problem(503, "unavailable")
    return service


async def test_pause_between_attempts_lets_other_tasks_go_on(awaited: AsyncClient, unavailable: Any, says: Any, identity: Any) -> None:
    asking = asyncio.create_task(awaited.approval.whoami())
    await eventually(lambda: unavailable.asked)
    unavailable.by_path["/v1/whoami"] = lambda _: says(200, identity)
    assert (await asking).name == "alice"


async def test_task_that_is_cancelled_leaves_the_client_usable(awaited: AsyncClient, unavailable: Any, says: Any, identity: Any) -> None:
    asking = asyncio.create_task(awaited.approval.whoami())
    await eventually(lambda: unavailable.asked)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    unavailable.by_path["/v1/whoami"] = lambda _: says(200, identity)
    assert (await awaited.approval.whoami()).name == "alice"


def names_of_both() -> Flow[tuple[str, str | None]]:
    model = yield from registry.model("fraud")
    who = yield from approval.whoami()
    return model.name, who.name


def test_operation_of_ones_own_is_made_of_others(placet: Any, service: Any, says: Any, model: Any, identity: Any) -> None:
    service.by_path |= {"/v1/models/by-name/fraud": lambda _: says(200, model), "/v1/whoami": lambda _: says(200, identity)}
    assert placet.run(names_of_both()) == ("fraud", "alice")


def test_client_is_made_of_the_variables(service: Any, says: Any, identity: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with Client.from_environment({"PLACET_APPROVAL_URL": f"{service.url}/", "PLACET_TOKEN_FILE": str(tmp_path / "token")}) as placet:
        service.next = [says(200, identity)]
        assert isinstance(placet.approval.whoami(), Identity)
    assert service.headers("Authorization") == [f"Bearer {TOKEN}"]
    with pytest.raises(NotSignedIn):
        Client.from_environment({})


def test_trace_of_the_surrounding_program_goes_along(service: Any, says: Any, identity: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    monkeypatch.setenv("TRACEPARENT", trace)
    service.next = [says(200, identity)]
    with Client(Addresses(*[service.url] * 4), TOKEN) as placet:
        placet.approval.whoami()
    assert service.headers("traceparent") == [trace]


def test_method_has_the_name_and_the_words_of_its_operation() -> None:
    with Client() as placet:
        assert placet.approval.whoami.__name__ == "whoami"
        assert placet.approval.whoami.__doc__ == approval.whoami.__doc__
