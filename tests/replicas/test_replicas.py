"""Two replicas of each service are one service: for who writes, who waits, who asks the gate, and for the audit log."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from placet_shared.identifiers import new_id
from placet_shared.processes import SOURCES
from placet_shared.testing import eventually_blocking

from .conftest import A, B, Replicated, register

pytestmark = pytest.mark.postgres

ENVIRONMENT = "test"
WHY = {"rationale": "It holds on the December data."}
WITHIN = 120.0

ENTRIES = "select source, position from audit.entries order by index"
Version = Mapping[str, Any]


def request_sign_off(replicas: Replicated, at: str, version: Version) -> str:
    """It knows of the version by then: the registry's word for how far it is goes along."""
    seen = replicas.call("registry-a", "alice", "GET", "/v1/feed/head").json()
    body = {"version_id": version["id"], "environment": ENVIRONMENT, "rationale": "please"}
    headers = {"Placet-Seen": f"registry:{seen['epoch']}:{seen['position']}"}
    answer = eventually_blocking(lambda: unless_late(replicas.call(at, "alice", "POST", "/v1/sign-offs", json=body, headers=headers)))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def unless_late(answer: httpx.Response) -> httpx.Response | None:
    """None for 503: a busy machine may take longer than a service waits."""
    return None if answer.status_code == 503 else answer


def approve(replicas: Replicated, at: str, sign_off: str, verb: str = "approve", who: str = "bob") -> None:
    answer = replicas.call(at, who, "POST", f"/v1/sign-offs/{sign_off}/{verb}", json=WHY)
    assert answer.status_code == 200, answer.text


def decide(replicas: Replicated, at: str, version: Version) -> Any:
    """What the gate decides, as soon as it can: `stale` on a busy machine is no decision."""
    body = {"environment": ENVIRONMENT, "version_id": version["id"]}

    def decided() -> Any:
        decision = replicas.call(at, "ci", "POST", "/v1/gate", json=body).raise_for_status().json()
        return decision if decision["decided"] else None

    return eventually_blocking(decided)


def rows(replicas: Replicated, sql: str) -> Sequence[Any]:
    async def fetch() -> Sequence[Any]:
        connection = await asyncpg.connect(replicas.surroundings.embedded["audit"].migration)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


@contextmanager
def beside(work: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Work that goes on in a thread."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)


def test_same_key_sent_to_both_at_once_has_one_effect_and_one_answer(replicas: Replicated) -> None:
    def register_model(at: str, key: str, name: str) -> httpx.Response:
        return replicas.call(at, "alice", "POST", "/v1/models", json={"name": name}, headers={"Idempotency-Key": key})

    names = [f"one-effect-{number}" for number in range(10)]
    with ThreadPoolExecutor(4) as pool:
        for name in names:
            key = new_id()
            sent = [pool.submit(register_model, f"registry-{replica}", key, name) for replica in (A, B, A, B)]
            answers = [one.result() for one in sent]
            assert [answer.status_code for answer in answers] == [201] * 4
            assert len({answer.content for answer in answers}) == 1
            assert len({answer.headers["Placet-Position"] for answer in answers}) == 1
    registered = rows(replicas, "select convert_from(data, 'utf8') from registry.events where type = 'ModelRegistered'")
    found = [json.loads(data)["name"] for (data,) in registered]
    assert sorted(name for name in found if name in names) == sorted(names)


def test_waiter_at_one_is_woken_by_an_approval_through_the_other(replicas: Replicated, version: Version) -> None:
    sign_off = request_sign_off(replicas, "approval-a", version)

    def wait() -> Any:
        def ended() -> Any:
            answer = replicas.call("approval-a", "ci", "GET", f"/v1/sign-offs/{sign_off}/wait?timeout=25").raise_for_status().json()
            return answer if answer["ended"] else None

        return eventually_blocking(ended)

    with beside(wait) as waiting:
        approve(replicas, "approval-b", sign_off)
        assert waiting.result(WITHIN)["state"] == "approved"


def test_waiter_whose_replica_is_killed_goes_on_at_the_other(whole: Replicated, version: Version) -> None:
    sign_off = request_sign_off(whole, "approval-a", version)
    whole.only("approval-a")
    waiting = whole.start_placet("ci", "wait", sign_off, "--timeout", WITHIN)
    assert waiting.stderr is not None
    assert "is pending" in waiting.stderr.readline()
    whole.kill("approval-a")
    approve(whole, "approval-b", sign_off)
    assert waiting.poll() is None
    whole.both("approval")
    out, err = waiting.communicate()
    assert waiting.returncode == 0, out + err


def test_stream_whose_replica_is_killed_goes_on_at_the_other_and_tells_nothing_twice(whole: Replicated, version: Version) -> None:
    sign_off = request_sign_off(whole, "approval-a", version)
    whole.only("approval-b")
    first = follow(whole, sign_off, "", until_killed="approval-b")
    assert [progress["state"] for _, progress in first] == ["pending"]
    approve(whole, "approval-a", sign_off)
    approve(whole, "approval-a", sign_off, "revoke", "dora")
    whole.both("approval")
    second = follow(whole, sign_off, first[-1][0])
    assert [progress["state"] for _, progress in second] == ["revoked"]
    assert int(second[0][0]) > int(first[0][0])


def follow(replicas: Replicated, sign_off: str, last_event_id: str, until_killed: str = "") -> list[tuple[str, Any]]:
    """(id, progress) of each server-sent event; the replica is killed after the first one."""
    headers = {"Authorization": f"Bearer {replicas.token('ci')}", **({"Last-Event-ID": last_event_id} if last_event_id else {})}
    url = f"{replicas.addresses.approval}/v1/sign-offs/{sign_off}/events"
    told: list[tuple[str, Any]] = []
    event: dict[str, str] = {}
    try:
        with httpx.stream("GET", url, headers=headers, timeout=WITHIN, trust_env=False) as stream:
            for line in stream.raise_for_status().iter_lines():
                field, _, value = line.partition(": ")
                event[field] = value
                if not line and "data" in event:
                    told.append((event["id"], json.loads(event["data"])))
                    event = {}
                    if until_killed:
                        replicas.kill(until_killed)
    except httpx.TransportError:
        assert until_killed
    return told


def test_gate_at_one_knows_what_was_committed_through_the_other_an_instant_before(replicas: Replicated, version: Version) -> None:
    sign_off = request_sign_off(replicas, "approval-a", version)
    assert not decide(replicas, "approval-b", version)["allowed"]
    approve(replicas, "approval-a", sign_off)
    assert decide(replicas, "approval-b", version)["allowed"]
    approve(replicas, "approval-b", sign_off, "revoke", "dora")
    assert not decide(replicas, "approval-a", version)["allowed"]


def test_gate_knows_every_version_that_either_registry_has_just_registered(replicas: Replicated, version: Version) -> None:
    for number in range(10):
        here, there = (A, B) if number % 2 else (B, A)
        newest = register(replicas, f"registry-{here}", version["model_id"])
        reasons = [reason["code"] for reason in decide(replicas, f"approval-{there}", newest)["reasons"]]
        assert reasons == ["not_signed_off"]


def test_what_a_caller_has_seen_of_one_is_seen_by_every_other(replicas: Replicated, version: Version) -> None:
    for at in ("audit-a", "audit-b"):
        posted = replicas.call("registry-b", "alice", "PUT", f"/v1/models/{version['model_id']}/tags/seen-by", json={"value": at})
        seen = {"Placet-Seen": posted.raise_for_status().headers["Placet-Position"]}
        path = f"/v1/timeline?model={version['model_id']}&type=ModelTagged&limit=1"
        answer = eventually_blocking(lambda: unless_late(replicas.call(at, "erin", "GET", path, headers=seen)))  # noqa: B023
        _, epoch, position, *_ = seen["Placet-Seen"].split(":")
        (registry,) = [source for source in answer.raise_for_status().json()["sources"] if source["source"] == "registry"]
        assert (registry["epoch"], registry["position"]) >= (int(epoch), int(position))


def test_both_audits_log_every_event_once_and_in_order(replicas: Replicated) -> None:
    heads = {source: replicas.call(f"{source}-a", "erin", "GET", "/v1/feed/head").json()["position"] for source in SOURCES}

    def logged() -> Any:
        entries: dict[str, list[int]] = {source: [] for source in SOURCES}
        for source, position in rows(replicas, ENTRIES):
            entries[source].append(position)
        return entries if all(len(entries[source]) >= heads[source] for source in SOURCES) else None

    entries = eventually_blocking(logged)
    assert {source: positions == list(range(1, len(positions) + 1)) for source, positions in entries.items()} == dict.fromkeys(
        SOURCES, True
    )
    assert heads["registry"] > 0


def test_audit_goes_on_when_the_replica_that_was_logging_is_killed(whole: Replicated, version: Version) -> None:
    for killed, left in ((A, B), (B, A)):
        whole.kill(f"audit-{killed}")
        posted = register(whole, "registry-a", version["model_id"])
        path = f"/v1/timeline?version={posted['id']}&type=VersionRegistered"
        assert eventually_blocking(lambda: whole.call(f"audit-{left}", "erin", "GET", path).raise_for_status().json()["items"])  # noqa: B023
        whole.start_replica(f"audit-{killed}")
        whole.wait_until_ready(f"audit-{killed}")
    assert len(rows(whole, ENTRIES)) == len(set(rows(whole, ENTRIES)))
