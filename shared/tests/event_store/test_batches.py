"""Which commands may share a batch (rule 7), for any order of commands."""

from hypothesis import given
from hypothesis import strategies as st

from placet_shared.event_store import Append, Metadata, RequestKey
from placet_shared.event_store.batches import plan_batch

STREAMS = st.sampled_from("abcde")


@st.composite
def appends(draw: st.DrawFn) -> Append:
    written = draw(st.sets(STREAMS, max_size=2))
    read = draw(st.sets(STREAMS, max_size=2)) - written
    key = draw(st.none() | st.sampled_from(["k1", "k2"]))
    return Append(
        Metadata(actor="person", correlation="c"),
        events=(),
        expected=dict.fromkeys(written, 1),
        checks=dict.fromkeys(read, 1),
        request_key=RequestKey(key, b"") if key else None,
    )


@given(st.lists(appends(), max_size=12), st.integers(1, 12))
def test_batch_never_lets_two_commands_interfere(waiting: list[Append], limit: int) -> None:
    now, _ = plan_batch(waiting, limit)
    assert len(now) <= limit
    for number, index in enumerate(now):
        for other in now[:number]:
            one, two = waiting[index], waiting[other]
            assert one.expected.keys().isdisjoint(two.expected)
            assert one.expected.keys().isdisjoint(two.checks)
            assert one.checks.keys().isdisjoint(two.expected)
            assert one.request_key is None or one.request_key != two.request_key


@given(st.lists(appends(), max_size=12), st.integers(1, 12))
def test_batch_keeps_order_and_lets_no_command_overtake_what_overlaps(waiting: list[Append], limit: int) -> None:
    now, later = plan_batch(waiting, limit)
    assert sorted([*now, *later]) == list(range(len(waiting)))
    assert list(now) == sorted(now)
    assert list(later) == sorted(later)
    for index in now:
        mine = waiting[index].expected.keys() | waiting[index].checks.keys()
        for passed in (place for place in later if place < index):
            assert mine.isdisjoint(waiting[passed].expected.keys() | waiting[passed].checks.keys())


@given(st.lists(appends(), min_size=1, max_size=12))
def test_first_in_the_queue_is_always_in_the_batch(waiting: list[Append]) -> None:
    assert plan_batch(waiting, 512)[0][0] == 0


@given(st.lists(appends(), max_size=8), st.lists(appends(), max_size=8), st.integers(1, 12))
def test_nothing_of_a_batch_interferes_with_the_batch_under_way(ahead: list[Append], waiting: list[Append], limit: int) -> None:
    """Rule 7: neither writes what the other relies on, nor do they share an idempotency key."""
    now, _ = plan_batch(waiting, limit, ahead)
    for one in (waiting[index] for index in now):
        for other in ahead:
            assert one.expected.keys().isdisjoint(other.expected)
            assert one.expected.keys().isdisjoint(other.checks)
            assert one.checks.keys().isdisjoint(other.expected)
            assert one.request_key is None or one.request_key != other.request_key
