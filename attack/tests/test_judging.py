"""The judge finds every kind of violation that is planted in a history, and none in one that is clean."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from attacking.history import Audited, History, Operation, Place, Restored, Seen
from attacking.judging import judge

from .stories import TEST, Story, a_clean_story, with_event, with_operation


def kinds(history: History) -> set[str]:
    return {violation.kind for violation in judge(history)}


def unasked(history: History) -> History:
    """Its logs, of which no client was told anything."""
    return replace(history, operations=[], seen=[])


def test_clean_history_has_no_violation() -> None:
    assert judge(a_clean_story().history()) == []


def test_history_is_judged_the_same_after_it_was_written_and_read(tmp_path: Path) -> None:
    history = with_event(a_clean_story().history(), "approval", 3, lambda event: None)
    history.write(tmp_path / "history.json")
    assert judge(History.read(tmp_path / "history.json")) == judge(history) != []


def test_request_without_an_answer_may_have_had_its_effect_or_not() -> None:
    """By kill -9: the version stands in the log, or not, and both are right."""
    story = a_clean_story()
    story.registers("v2")
    unknown = {"answered": None, "status": None, "place": None}
    number = len(story.operations) - 1
    assert judge(with_operation(story.history(), number, **unknown)) == []
    story.log["registry"].pop()
    assert judge(with_operation(story.history(), number, **unknown)) == []


# A lost write.


def test_acknowledged_write_that_is_not_there_is_lost() -> None:
    story = a_clean_story()
    story.registers("v2")
    story.log["registry"].pop()
    assert kinds(story.history()) == {"lost"}


def test_acknowledged_write_in_whose_place_another_stands_is_lost() -> None:
    history = with_event(a_clean_story().history(), "registry", 1, lambda event: replace(event, correlation="another"))
    assert kinds(history) == {"lost"}


@pytest.mark.parametrize("position", [1, 5])
def test_hole_in_a_log_is_a_loss_even_if_no_client_was_told_of_its_event(position: int) -> None:
    """The one after it says that it follows the one before."""
    story = a_clean_story()
    before = story.log["approval"][position - 1].prev
    story.log["approval"][position] = replace(story.log["approval"][position], prev=before)
    del story.log["approval"][position - 1]
    assert kinds(unasked(story.history())) >= {"lost"}
    assert "forked" not in kinds(unasked(story.history()))


def test_event_that_the_audit_log_has_not_got_is_lost() -> None:
    history = a_clean_story().history()
    assert kinds(replace(history, audited=history.audited[:-1])) == {"lost"}


# A double.


def test_request_that_was_written_twice_is_doubled() -> None:
    story = a_clean_story()
    story.step("alice", "register", "registry", *[("VersionRegistered", f"version-{number}", {}) for number in (2, 3)])
    assert kinds(story.history()) == {"doubled"}


def test_key_that_had_two_effects_is_doubled() -> None:
    """The first request got no answer and was repeated with its key; the log has both."""
    story = a_clean_story()
    story.asks("s2", True, key="deploy-3")
    story.asks("s2", True, key="deploy-3")
    history = with_operation(story.history(), len(story.operations) - 2, answered=None, status=None, place=None)
    assert kinds(history) == {"doubled"}


def test_key_of_two_callers_is_two_keys() -> None:
    story = a_clean_story()
    first = story.asks("s2", True, key="deploy-3")
    story.asks("s2", True, key="deploy-3")
    assert judge(with_operation(story.history(), first.number, who="another pipeline")) == []


def test_event_that_stands_twice_in_a_log_is_doubled() -> None:
    history = with_event(a_clean_story().history(), "approval", 8, lambda event: replace(event, id="approval-7"))
    history = with_event(history, "approval", 9, lambda event: replace(event, prev="approval-7"))
    once = {event.id: Audited(event.source, event.epoch, event.position, event.id) for here in history.log.values() for event in here}
    assert kinds(replace(unasked(history), audited=list(once.values()))) == {"doubled"}


def test_event_that_the_audit_log_has_twice_is_doubled() -> None:
    history = a_clean_story().history()
    assert "doubled" in kinds(replace(history, audited=[*history.audited, history.audited[-1]]))


# A reorder.


def test_write_that_stands_before_what_was_answered_before_it_was_asked_is_reordered() -> None:
    """Two registrations one after the other, in the log the other way round."""
    story = a_clean_story()
    first, second = story.registers("v2"), story.registers("v3")
    history = with_event(story.history(), "registry", 2, lambda event: replace(event, correlation=second.correlation))
    history = with_event(history, "registry", 3, lambda event: replace(event, correlation=first.correlation))
    history = with_operation(history, first.number, place=second.place)
    assert kinds(with_operation(history, second.number, place=first.place)) == {"reordered"}


def test_writes_at_the_same_time_may_stand_in_either_order() -> None:
    story = a_clean_story()
    first, second = story.registers("v2"), story.registers("v3")
    history = with_operation(story.history(), first.number, asked=second.asked, answered=second.answered, place=second.place)
    history = with_operation(history, second.number, place=first.place)
    history = with_event(history, "registry", 2, lambda event: replace(event, correlation=second.correlation))
    assert judge(with_event(history, "registry", 3, lambda event: replace(event, correlation=first.correlation))) == []


def test_time_that_runs_backwards_is_a_reorder() -> None:
    history = with_event(a_clean_story().history(), "approval", 3, lambda event: replace(event, recorded_at="2026-11-27T09:00:00.000000Z"))
    assert kinds(history) == {"reordered"}


def test_version_of_a_stream_out_of_its_turn_is_a_reorder() -> None:
    history = with_event(a_clean_story().history(), "approval", 2, lambda event: replace(event, version=5))
    assert kinds(history) == {"reordered"}


def test_log_that_has_a_later_position_first_is_a_reorder() -> None:
    story = a_clean_story()
    here = story.log["approval"]
    here[2:4] = [replace(here[3], prev=here[1].id, version=None), replace(here[2], prev=here[3].id, version=None)]
    here[4] = replace(here[4], prev=here[3].id)
    story.log["approval"] = [replace(event, recorded_at="2026-11-27T10:00:00.000000Z", version=None) for event in here]
    in_order = sorted(story.history().audited, key=lambda entry: entry.position)
    assert kinds(replace(unasked(story.history()), audited=in_order)) >= {"reordered"}


def test_audit_log_that_has_events_of_one_source_out_of_order_is_reordered() -> None:
    history = a_clean_story().history()
    one, other, *rest = [entry for entry in history.audited if entry.source == "approval"]
    others = [entry for entry in history.audited if entry.source != "approval"]
    assert kinds(replace(history, audited=[*others, other, one, *rest])) == {"reordered"}


# A false yes.


def test_yes_after_a_revocation_that_was_answered_is_false() -> None:
    story = a_clean_story()
    story.revokes("s2")
    story.asks("s2", True)
    assert kinds(story.history()) == {"false yes"}


def test_yes_that_is_written_after_a_revocation_at_the_same_time_is_false() -> None:
    """The revocation was not answered yet; in the log it stands before the yes."""
    story = a_clean_story()
    revoked, asked = story.revokes("s2"), story.asks("s2", True)
    assert kinds(with_operation(story.history(), asked.number, asked=revoked.asked)) == {"false yes"}


def test_yes_that_is_written_before_a_revocation_at_the_same_time_is_right() -> None:
    story = a_clean_story()
    asked, revoked = story.asks("s2", True), story.revokes("s2")
    assert judge(with_operation(story.history(), revoked.number, asked=asked.asked)) == []


def test_yes_without_an_approval_is_false() -> None:
    story = a_clean_story()
    story.requests("s3")
    story.asks("s3", True)
    assert kinds(story.history()) == {"false yes"}


def test_yes_that_is_written_before_the_approval_is_false() -> None:
    story = a_clean_story()
    story.requests("s3")
    story.asks("s3", True)
    story.approves("s3")
    assert kinds(story.history()) == {"false yes"}


def test_yes_on_the_signature_of_a_trainer_of_the_same_bytes_is_false() -> None:
    """Version 1 says nothing of it; version 2 has the same bytes and says that carol trained them."""
    story = a_clean_story()
    story.registers("v2", trained_by="carol")
    story.asks("s2", True)
    assert kinds(story.history()) == {"false yes"}


def test_yes_after_a_no_to_the_same_bytes_in_another_version_is_false() -> None:
    """Only a no travels: s3 is of another version with these bytes, and was requested before s2 was revoked."""
    story = a_clean_story()
    story.registers("v2")
    story.requests("s3", version="v2")
    story.approves("s3")
    story.revokes("s2")
    story.asks("s3", True)
    assert kinds(story.history()) == {"false yes"}


# A stale replay.


def replayed(story: Story, key: str) -> Operation:
    """The key of an earlier yes is repeated, and brings its answer back."""
    first = next(one for one in story.operations if one.key == key)
    story.clock += 10
    again = replace(
        first, number=len(story.operations), correlation="again", asked=story.clock, answered=story.clock + 5, replayed=True
    )  # fmt: skip
    story.operations.append(again)
    return again


def test_yes_that_is_repeated_while_it_holds_is_right() -> None:
    story = a_clean_story()
    replayed(story, "deploy-2")
    assert judge(story.history()) == []


def test_yes_that_is_repeated_after_a_revocation_is_stale() -> None:
    story = a_clean_story()
    story.revokes("s2")
    replayed(story, "deploy-2")
    assert kinds(story.history()) == {"stale replay"}


# A fork.


def test_place_with_another_event_for_a_follower_is_a_fork() -> None:
    history = a_clean_story().history()
    spoilt = Seen("a follower", "approval", 1, 3, "of another branch")
    assert kinds(replace(history, seen=[*history.seen, spoilt])) == {"forked"}


def test_event_that_does_not_follow_the_one_before_it_is_a_fork() -> None:
    assert kinds(with_event(a_clean_story().history(), "approval", 3, lambda event: replace(event, prev="elsewhere"))) == {"forked"}


def restored_at(epoch: int) -> History:
    """The last three events are lost in a restore, and the log went on without them, in this epoch."""
    story = a_clean_story()
    lost = story.log["approval"][-3:]
    del story.log["approval"][-3:]
    kept = len(story.log["approval"])
    story.clock += 10
    story.restored.append(Restored("approval", kept, story.clock))
    story.asks("s1", False)
    last = story.log["approval"][-1]
    story.log["approval"][-1] = replace(last, epoch=epoch, id="of the new branch")
    story.operations[-1] = replace(story.operations[-1], place=Place("approval", epoch, last.position))
    history = story.history()
    both = [Audited(event.source, event.epoch, event.position, event.id) for event in lost]
    audited = [entry for entry in history.audited if entry.id != "of the new branch"]
    new = [entry for entry in history.audited if entry.id == "of the new branch"]
    return replace(history, audited=[*audited, *both, *new])


def test_restore_that_opens_an_epoch_loses_what_it_had_to_and_forks_nothing() -> None:
    assert judge(restored_at(epoch=2)) == []


def test_restore_whose_epoch_has_the_number_of_the_lost_one_forks_nothing() -> None:
    """Their nonces differ, and the ids of events tell the branches apart."""
    assert "forked" not in kinds(restored_at(epoch=1))


def test_place_below_what_a_restore_has_kept_with_two_events_is_a_fork() -> None:
    history = restored_at(epoch=2)
    assert kinds(replace(history, seen=[*history.seen, Seen("a follower", "approval", 1, 2, "another")])) == {"forked"}


def test_registration_that_a_restore_lost_says_nothing_of_who_trained_what_came_after() -> None:
    history = a_clean_story().history()
    yes = next(one for one in history.operations if one.what == "gate" and one.allowed)
    place = Place("registry", 1, 10**6)
    about = {"digest": yes.about["digest"], "trained_by": "bob carol"}
    before = Operation(10**6, "alice", "register", "lost", yes.asked - 2, yes.asked - 1, 201, place, about=about)
    told = replace(history, operations=[*history.operations, before])
    assert "false yes" in kinds(told)
    assert "false yes" not in kinds(replace(told, restored=[Restored("registry", place.position - 1, yes.asked)]))


def test_epoch_that_changes_below_what_a_restore_has_kept_is_a_fork() -> None:
    history = a_clean_story().history()
    assert kinds(replace(history, seen=[*history.seen, Seen("a follower", "approval", 7, 2, "approval-2")])) == {"forked"}


@pytest.mark.parametrize("name", TEST)
def test_no_that_is_about_something_else_stops_nothing(name: str) -> None:
    story = a_clean_story()
    story.requests("s3")
    no = story.revokes("s3")
    story.asks("s2", True)
    history = with_operation(story.history(), no.number, about={**no.about, name: "another"})
    assert judge(history) == []


# An error that no handler foresaw.


@pytest.mark.parametrize(("status", "found"), [(500, {"failed"}), (503, set()), (507, set()), (409, set())])
def test_answer_with_500_is_a_failure(status: int, found: set[str]) -> None:
    story = a_clean_story()
    story.registers("v2")
    story.log["registry"].pop()
    history = with_operation(story.history(), len(story.operations) - 1, status=status, place=None)
    assert kinds(history) == found
