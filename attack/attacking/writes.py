"""Checks that acknowledged writes exist once, in order, and the same for every reader."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from attacking.history import Audited, History, Logged, Operation, Seen

__all__ = ["write_violations"]

WriteKind = Literal["lost", "doubled", "reordered", "forked"]
Found = Iterator[tuple[WriteKind, str]]

# The event that an operation of each kind makes exactly once.
EVENT_OF: Mapping[str, str] = {
    "register": "VersionRegistered",
    "request": "SignOffRequested",
    "approve": "ApprovalGranted",
    "reject": "SignOffRejected",
    "revoke": "SignOffRevoked",
    "gate": "GateDecisionMade",
}


def write_violations(history: History) -> Found:
    """Violations in the logs themselves, against the answers to clients, the readers and the audit log."""
    for source, events in history.log.items():
        yield from _of_one_log(source, events)
    yield from _lost(history)
    yield from _doubled(history)
    yield from _reordered(history)
    yield from _forked(history)
    yield from _of_the_audit_log(history)


def _of_one_log(source: str, events: Sequence[Logged]) -> Found:
    versions: dict[str, int] = defaultdict(int)
    if events and (events[0].position != 1 or events[0].prev is not None):
        yield "lost", f"{source} begins at {events[0].position}"
    for before, after in pairwise(events):
        if after.position <= before.position:
            yield "reordered", f"{source} has {after.position} after {before.position}"
        elif after.position != before.position + 1:
            yield "lost", f"{source} has nothing between {before.position} and {after.position}"
        if after.prev != before.id:
            yield "forked", f"{source}:{after.position} follows {after.prev}, and {before.id} stands before it"
        if after.recorded_at < before.recorded_at:
            yield "reordered", f"{source}:{after.position} was recorded before {before.position}"
    for event in events:
        if event.version is not None:
            versions[event.stream] += 1
            if event.version != versions[event.stream]:
                yield "reordered", f"{event.stream} has version {event.version} in place of {versions[event.stream]}"
    for id_, times in Counter(event.id for event in events).items():
        if times > 1:
            yield "doubled", f"{source} has the event {id_} {times} times"


def _lost(history: History) -> Found:
    by_place = {(event.source, event.epoch, event.position): event for events in history.log.values() for event in events}
    for operation in history.operations:
        place = operation.place
        if not operation.is_acknowledged or place is None or history.was_lost_in_a_restore(operation):
            continue
        event = by_place.get((place.source, place.epoch, place.position))
        if event is None:
            yield "lost", f"{operation}: nothing stands there"
        elif not operation.replayed and event.correlation != operation.correlation:
            yield "lost", f"{operation}: what stands there is of another request"


def _doubled(history: History) -> Found:
    """By the request itself, and by the key under which it was repeated."""
    made: Counter[tuple[str, str]] = Counter((event.correlation, event.type) for events in history.log.values() for event in events)
    keyed: dict[tuple[str, str, str], list[Operation]] = defaultdict(list)
    for operation in history.operations:
        type_ = EVENT_OF.get(operation.what)
        if type_ is None:
            continue
        if (times := made[operation.correlation, type_]) > 1:
            yield "doubled", f"{operation}: {times} events {type_}"
        if operation.key:
            keyed[operation.who, operation.key, type_].append(operation)
    for (who, key, type_), same in keyed.items():
        if (times := sum(min(made[one.correlation, type_], 1) for one in same)) > 1:
            yield "doubled", f"key {key} of {who}: {times} events {type_} of {len(same)} requests"


def _reordered(history: History) -> Found:
    """A request sent after the answer to another one stands after it in the same log."""
    written = [one for one in history.operations if one.is_acknowledged and one.place and not one.replayed]
    kept = [one for one in written if not history.was_lost_in_a_restore(one)]
    for source in history.log:
        here = [one for one in kept if one.place and one.place.source == source]
        by_answer = sorted(here, key=lambda one: one.answered or 0)
        latest: Operation | None = None
        answered = iter(by_answer)
        following = next(answered, None)
        for operation in sorted(here, key=lambda one: one.asked):
            while following is not None and following.is_known_before(operation):
                if latest is None or _position(following) > _position(latest):
                    latest = following
                following = next(answered, None)
            if latest is not None and _position(operation) <= _position(latest):
                yield "reordered", f"{operation} was asked after the answer to {latest}"


def _position(operation: Operation) -> int:
    return operation.place.position if operation.place else 0


def _forked(history: History) -> Found:
    """One place has one event, for every reader at any time, and one position one epoch, except where a restore lost them.

    There the copy may open an epoch of the same number: their nonces differ, and the events' ids tell the branches apart.
    """
    first: dict[tuple[str, int, int], tuple[str, str]] = {}
    epochs: dict[tuple[str, int], tuple[int, str]] = {}
    kept = {source: min((one.kept for one in history.restored if one.source == source), default=None) for source in history.log}
    looked: list[tuple[str, Logged | Audited | Seen]] = [("the log", event) for events in history.log.values() for event in events]
    looked += [("the audit log", entry) for entry in history.audited]
    looked += [(seen.by, seen) for seen in history.seen]
    for who, event in looked:
        place = (event.source, event.epoch, event.position)
        lost_after = kept.get(event.source)
        if lost_after is not None and event.position > lost_after:
            continue
        id_, other = first.setdefault(place, (event.id, who))
        if id_ != event.id:
            yield "forked", f"{event.source}:{event.epoch}:{event.position} is {id_} for {other} and {event.id} for {who}"
        epoch, other = epochs.setdefault((event.source, event.position), (event.epoch, who))
        if epoch != event.epoch:
            yield "forked", f"{event.source}:{event.position} is of epoch {epoch} for {other} and of {event.epoch} for {who}"


def _of_the_audit_log(history: History) -> Found:
    """Every event of every log once, each source's in its order."""
    times = Counter((entry.source, entry.id) for entry in history.audited)
    for (source, id_), many in times.items():
        if many > 1:
            yield "doubled", f"the audit log has {source}'s event {id_} {many} times"
    for events in history.log.values():
        for event in events:
            if not times[event.source, event.id]:
                yield "lost", f"the audit log has not got {event.source}:{event.epoch}:{event.position}"
    for source in history.log:
        entries = [(entry.epoch, entry.position) for entry in history.audited if entry.source == source]
        for before, after in pairwise(entries):
            if after <= before:
                yield "reordered", f"the audit log has {source}:{after} after {before}"
