"""Checks every yes of the gate against a minimal model of the promise.

A yes needs a sign-off that was approved before it by a person who neither requested it nor trained these bytes, and that had not
ended; and no `no` to the same bytes that had been answered before the gate was asked and that no later request has lifted. A repeated
key is held to what had been answered before it was repeated.
"""

from collections.abc import Iterator
from typing import Any, Literal

from attacking.history import History, Logged, Operation

__all__ = ["decision_violations"]

DecisionKind = Literal["false yes", "stale replay"]
Found = Iterator[tuple[DecisionKind, str]]

ENDINGS = frozenset({"SignOffRejected", "SignOffRevoked", "SignOffWithdrawn", "SignOffInvalidated"})
NOES = frozenset({"reject", "revoke"})


def decision_violations(history: History) -> Found:
    """Violations of every yes that a gate has answered."""
    decided = _Decided(history)
    for operation in history.operations:
        if operation.what == "gate" and operation.is_acknowledged and operation.allowed and not history.was_lost_in_a_restore(operation):
            kind: DecisionKind = "stale replay" if operation.replayed else "false yes"
            for why in decided.objections(operation):
                yield kind, f"{operation}: {why}"


class _Decided:
    """The facts about sign-offs, from approval-service's log and the answers to clients."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._events: dict[str, list[Logged]] = {}
        for event in history.log.get("approval", ()):
            if sign_off := event.data.get("sign_off_id"):
                self._events.setdefault(str(sign_off), []).append(event)
        self._noes = [one for one in history.operations if one.what in NOES and one.is_acknowledged]
        self._registered = [one for one in history.operations if one.what == "register" and one.is_acknowledged]

    def objections(self, gate: Operation) -> Iterator[str]:
        """The reasons against a yes."""
        events = self._events.get(gate.about.get("sign_off_id", ""), [])
        requested = next((event for event in events if event.type == "SignOffRequested"), None)
        approved = next((event for event in events if event.type == "SignOffApproved"), None)
        until = gate.place.position if gate.place else None
        if requested is None or approved is None:
            yield "its sign-off was never approved"
            return
        if until is not None and approved.position > until:
            yield f"its sign-off was approved at {approved.position}, after it"
        if not gate.replayed and until is not None:
            for event in events:
                if event.type in ENDINGS and event.position < until:
                    yield f"its sign-off had ended by {event.type} at {event.position}"
        yield from self._of_people(gate, events, requested)
        yield from self._of_noes(gate, requested)

    def _of_people(self, gate: Operation, events: list[Logged], requested: Logged) -> Iterator[str]:
        signers = {str(event.data["person_id"]) for event in events if event.type == "ApprovalGranted"}
        signers -= {str(event.data["person_id"]) for event in events if event.type == "ApprovalRevoked"}
        trainers = {
            person
            for one in self._registered
            if one.about.get("digest") == gate.about.get("digest") and one.is_known_before(gate)
            if not self._history.was_lost_in_a_restore(one)
            for person in one.about.get("trained_by", "").split()
        }
        counted = signers - trainers - {_text(requested.data, "requester_id")}
        if not counted:
            yield f"no person without a part in it has signed: {' '.join(sorted(signers)) or 'no signer'}"

    def _of_noes(self, gate: Operation, requested: Logged) -> Iterator[str]:
        for no in self._noes:
            if not no.is_known_before(gate) or self._history.was_lost_in_a_restore(no):
                continue
            same_sign_off = no.about.get("sign_off_id") == gate.about.get("sign_off_id")
            same_bytes = all(no.about.get(name) == gate.about.get(name) for name in ("digest", "environment"))
            lifted = no.place is not None and requested.position > no.place.position
            if same_sign_off or (same_bytes and not lifted):
                yield f"there was a no before it was asked: {no}"


def _text(data: Any, name: str) -> str:
    return str(data.get(name, ""))
