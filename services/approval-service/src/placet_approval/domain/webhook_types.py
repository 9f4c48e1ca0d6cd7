"""Which events a webhook asks for: types by their names, by a prefix with `*` at its end, or all of them with `*` alone."""

from collections.abc import Collection, Iterable, Sequence

from placet_shared.errors import FieldError, Malformed
from placet_shared.near_names import did_you_mean

__all__ = ["MOST_TYPES", "event_types", "selects"]

MOST_TYPES = 50


def event_types(asked: Iterable[str], known: Collection[str]) -> Sequence[str]:
    """Each once, in alphabetical order; raises `Malformed` for one that fits no event that is published."""
    chosen = sorted(set(asked))
    wrong = [one for one in chosen if not any(selects([one], type_) for type_ in known)]
    if wrong or not chosen:
        first = wrong[0][:100] if wrong else ""
        meant = did_you_mean(first, known)
        raise Malformed(
            f"types: {first!r} is no type of events{f'; {meant}' if meant else '.'}",
            code="unknown_event_type",
            resolve="Name types of docs/events.md, such as SignOffApproved, SignOff* for all that begin so, or * for all.",
            errors=[FieldError("types", one[:100], "a type of events, or the beginning of one with * at its end") for one in wrong],
        )
    return chosen


def selects(types: Iterable[str], type_: str) -> bool:
    """Whether one of them is this type, or the beginning of it."""
    return any(type_.startswith(one[:-1]) if one.endswith("*") else type_ == one for one in types)
