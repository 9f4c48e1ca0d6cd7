"""Histories for the judge: a clean one that is told step by step, and ways to spoil it afterwards."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from attacking.history import Audited, History, Logged, Operation, Place, Restored, Seen

DIGEST = "a" * 64
TEST = {"digest": DIGEST, "environment": "test"}


class Story:
    """Each step is a request that was answered before the next one; `log` keeps what it has made."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.log: dict[str, list[Logged]] = {"registry": [], "approval": []}
        self.restored: list[Restored] = []
        self.clock = 0

    def step(
        self, who: str, what: str, source: str, *events: tuple[str, str, dict[str, Any]], key: str | None = None, **about: Any
    ) -> Operation:
        """`events` are (type, stream, data); `about` with `allowed` for a gate's answer."""
        allowed = bool(about.pop("allowed", False))
        number = len(self.operations)
        correlation = f"correlation-{number}"
        self.clock += 10
        for type_, stream, data in events:
            self._append(source, type_, stream, correlation, data)
        here = self.log[source]
        place = Place(source, here[-1].epoch, here[-1].position)
        operation = Operation(
            number, who, what, correlation, self.clock, self.clock + 5, 200, place, key, allowed=allowed, about=about
        )  # fmt: skip
        self.operations.append(operation)
        return operation

    def _append(self, source: str, type_: str, stream: str, correlation: str, data: dict[str, Any]) -> None:
        here = self.log[source]
        position = len(here) + 1
        version = 1 + sum(event.stream == stream for event in here)
        prev = here[-1].id if here else None
        at = f"2026-11-27T10:00:00.{self.clock:06d}Z"
        here.append(Logged(source, 1, position, f"{source}-{position}", prev, stream, version, type_, correlation, at, data))

    def registers(self, version: str, trained_by: str = "alice") -> Operation:
        events = ("VersionRegistered", f"version-{version}", {"version_id": version})
        return self.step("alice", "register", "registry", events, digest=DIGEST, version_id=version, trained_by=trained_by)

    def requests(self, sign_off: str, version: str = "v1") -> Operation:
        events = ("SignOffRequested", sign_off, {"sign_off_id": sign_off, "requester_id": "alice"})
        return self.step("alice", "request", "approval", events, **TEST, version_id=version, sign_off_id=sign_off)

    def approves(self, sign_off: str, who: str = "bob") -> Operation:
        data = {"sign_off_id": sign_off, "person_id": who}
        events = [("ApprovalGranted", sign_off, data), ("SignOffApproved", sign_off, data)]
        return self.step(who, "approve", "approval", *events, **TEST, sign_off_id=sign_off)

    def revokes(self, sign_off: str) -> Operation:
        event = ("SignOffRevoked", sign_off, {"sign_off_id": sign_off, "person_id": "bob"})
        return self.step("bob", "revoke", "approval", event, **TEST, sign_off_id=sign_off)

    def asks(self, sign_off: str, allowed: bool, key: str | None = None) -> Operation:
        event = ("GateDecisionMade", f"gatedecision-{len(self.operations)}", {"allowed": allowed})
        return self.step("ci", "gate", "approval", event, key=key, allowed=allowed, **TEST, sign_off_id=sign_off)

    def history(self) -> History:
        """With an audit log and a follower who have seen it all."""
        events = [event for here in self.log.values() for event in here]
        audited = [Audited(event.source, event.epoch, event.position, event.id) for event in events]
        seen = [Seen("a follower", event.source, event.epoch, event.position, event.id) for event in events]
        return History(1, self.operations, self.log, audited, seen, self.restored)


def a_clean_story() -> Story:
    """A version is registered, signed, let through, stopped, and let through again after another look."""
    story = Story()
    story.registers("v1")
    story.requests("s1")
    story.approves("s1")
    story.asks("s1", True, key="deploy-1")
    story.revokes("s1")
    story.asks("s1", False)
    story.requests("s2")
    story.approves("s2", who="carol")
    story.asks("s2", True, key="deploy-2")
    return story


def with_event(history: History, source: str, position: int, change: Callable[[Logged], Logged | None]) -> History:
    """One event changed, or taken away, wherever it is kept."""
    log = {
        name: [change(event) if (name, event.position) == (source, position) else event for event in here]
        for name, here in history.log.items()
    }
    return replace(history, log={name: [event for event in here if event] for name, here in log.items()})


def with_operation(history: History, number: int, **changes: Any) -> History:
    return replace(history, operations=[replace(one, **changes) if one.number == number else one for one in history.operations])
