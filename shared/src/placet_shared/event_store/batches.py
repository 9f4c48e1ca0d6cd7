"""Which waiting commands may be committed together (rule 7): a pure function, so that its guarantee can be tested alone."""

from collections.abc import Iterable, Sequence

from placet_shared.event_store.records import Append

__all__ = ["plan_batch"]


def plan_batch(waiting: Iterable[Append], limit: int, ahead: Iterable[Append] = ()) -> tuple[Sequence[int], Sequence[int]]:
    """Split waiting commands into (now, later), as indexes in order.

    Of the commands of one batch only one may write a stream, and no other may then rely on that stream; several may rely on
    a stream that none of them writes. A command that has to wait makes everything wait that overlaps it: no overtaking.
    An idempotency key occurs once. `ahead` are commands of a batch under way, which nothing may interfere with either.
    """
    now: list[int] = []
    later: list[int] = []
    taken = _Taken()
    for append in ahead:
        taken.take(append)
    held_back: set[str] = set()
    for index, append in enumerate(waiting):
        streams = append.expected.keys() | append.checks.keys()
        if len(now) >= limit or taken.interferes(append) or not held_back.isdisjoint(streams):
            later.append(index)
            held_back |= streams
        else:
            now.append(index)
            taken.take(append)
    return now, later


class _Taken:
    """What the commands of a batch write and rely on."""

    def __init__(self) -> None:
        self._written: set[str] = set()
        self._relied_on: set[str] = set()
        self._keys: set[tuple[str, str]] = set()

    def take(self, append: Append) -> None:
        """One more command."""
        self._written.update(append.expected)
        self._relied_on.update(append.checks)
        if append.request_key:
            self._keys.add((append.metadata.actor, append.request_key.key))

    def interferes(self, append: Append) -> bool:
        """Whether a command of the batch writes what this one touches, or relies on what it writes, or has its key."""
        if append.request_key and (append.metadata.actor, append.request_key.key) in self._keys:
            return True
        writes = append.expected.keys()
        return not (self._written.isdisjoint(writes) and self._written.isdisjoint(append.checks) and self._relied_on.isdisjoint(writes))
