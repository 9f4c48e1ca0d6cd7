"""Sends requests and records them with their answers, on one clock; and reads the logs."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from attacking.history import Audited, Logged, Operation, Place, Seen
from attacking.machine import SOURCES, Machine

__all__ = ["Recorder", "read_audit_log", "read_log"]

PAGE = 1000
TIMEOUT = httpx.Timeout(20.0)


class Recorder:
    """One for all clients of an attack."""

    def __init__(self, machine: Machine, client: httpx.AsyncClient) -> None:
        self.operations: list[Operation] = []
        self.seen: dict[Seen, None] = {}
        self.machine = machine
        self.client = client

    async def ask(
        self, who: str, what: str, service: str, path: str, body: Mapping[str, Any], about: Mapping[str, str], key: str | None = None
    ) -> Mapping[str, Any] | None:
        """The answer's body when it was done, else None. A request without an answer is recorded too."""
        correlation = str(uuid.uuid4())
        headers = {"Authorization": f"Bearer {self.machine.token(who)}", "Placet-Correlation": correlation}
        if key:
            headers["Idempotency-Key"] = key
        number = len(self.operations)
        asked = time.monotonic_ns()
        self.operations.append(Operation(number, who, what, correlation, asked, key=key, about=about))
        try:
            answer = await self.client.post(f"{self.machine.url(service)}{path}", json=dict(body), headers=headers, timeout=TIMEOUT)
        except httpx.TransportError:
            return None
        answered = time.monotonic_ns()
        said: Mapping[str, Any] = answer.json() if answer.content else {}
        place = answer.headers.get("placet-position")
        self.operations[number] = Operation(
            number, who, what, correlation, asked, answered, answer.status_code, Place.parse(place) if place else None, key,
            replayed=answer.headers.get("idempotency-replayed") == "true",
            allowed=bool(said.get("allowed")),
            about={**about, **_named(what, said)},
        )  # fmt: skip
        return said if answer.is_success else None


def _named(what: str, said: Mapping[str, Any]) -> Mapping[str, str]:
    """The ids in the answer; a sign-off's and a version's under names of their own."""
    own = {"register": "version_id", "request": "sign_off_id"}.get(what)
    found = {own: str(said["id"])} if own and "id" in said else {}
    if what == "gate":
        found = {name: str(said[name]) for name in ("sign_off_id", "version_id") if said.get(name)}
        if said.get("artifact_sha256"):
            found["digest"] = str(said["artifact_sha256"])
    return found


async def read_log(client: httpx.AsyncClient, machine: Machine, source: str, reader: str = "erin") -> list[Logged]:
    """All of a source's feed; raises `httpx.HTTPError`."""
    events: list[Logged] = []
    after = ""
    headers = {"Authorization": f"Bearer {machine.token(reader)}"}
    while True:
        page = await client.get(f"{machine.url(source)}/v1/feed", params={"after": after, "limit": PAGE}, headers=headers, timeout=TIMEOUT)
        found = page.raise_for_status().json()["events"]
        if not found:
            return events
        events += [_logged(event) for event in found]
        after = f"{events[-1].epoch}:{events[-1].position}:{events[-1].id}"


async def read_audit_log(client: httpx.AsyncClient, machine: Machine, begin: int = 0) -> list[Audited]:
    """Its entries from an index to the end; raises `httpx.HTTPError`."""
    headers = {"Authorization": f"Bearer {machine.token('erin')}"}
    entries: list[Audited] = []
    while True:
        answer = await client.get(f"{machine.url('audit')}/v1/entries/{begin + len(entries)}", headers=headers, timeout=TIMEOUT)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return [entry for entry in entries if entry.source in SOURCES]
        event = answer.raise_for_status().json()["event"]
        entries.append(Audited(event["source"], event["epoch"], event["position"], event["id"]))


def _logged(event: Mapping[str, Any]) -> Logged:
    return Logged(
        source=event["source"],
        epoch=event["epoch"],
        position=event["position"],
        id=event["id"],
        prev=event.get("prev"),
        stream=event["stream"],
        version=event.get("streamversion"),
        type=event["type"].removeprefix("placet.").rpartition(".v")[0],
        correlation=event["correlation"],
        recorded_at=event["time"],
        data=event["data"],
    )
