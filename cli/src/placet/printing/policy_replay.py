"""What a draft policy would have made of the past, in a few lines."""

from collections.abc import Iterator

from placet_client.answers.policies import AskedRoles, PersonAsked, PolicyReplay, ReplayedExample
from placet_client.printing.times import in_words
from placet_client.printing.words import plain, when

__all__ = ["replay_in_words"]

OUTCOMES = {"blocked": "blocked", "delayed": "delayed", "let_through": "let through", "not_known": "can't be told"}
MOST_REASONS = 4
MOST_ASKED = 3


def replay_in_words(found: PolicyReplay) -> Iterator[str]:
    """One line where there is nothing to replay, or nothing would have changed; each of the others is about one thing."""
    since = f"since {when(found.since)[:10]}"
    if not found.replayed:
        yield f"history: no sign-off for {plain(found.environment)} {since}"
        return
    many = f"{'' if found.complete else 'the newest '}{found.replayed} sign-off{'s' if found.replayed > 1 else ''}"
    yield f"history: {many} for {plain(found.environment)} {since} replayed under the draft"
    counts = [f"{getattr(found, name)} {words}" for name, words in OUTCOMES.items() if getattr(found, name)]
    yield f"  {', '.join([*counts, f'{found.same} as they were'])}"
    if found.reasons:
        reasons = ", ".join(f"{_words(one.reason)} {one.sign_offs}" for one in found.reasons[:MOST_REASONS])
        yield f"  because: {reasons}{', …' if len(found.reasons) > MOST_REASONS else ''}"
    yield from _examples(found)
    yield from _asked(found)
    yield from _validity(found)


def _examples(found: PolicyReplay) -> Iterator[str]:
    """The newest of each outcome."""
    for outcome, words in OUTCOMES.items():
        one = next((example for example in found.examples if example.outcome == outcome), None)
        if one:
            yield f"  {_subject(one)} {words}: {_why(one)}"
            yield f"    sign-off {plain(one.sign_off_id)}"


def _subject(one: ReplayedExample) -> str:
    return f"{plain(one.model or one.model_id)}/{one.number or '?'}"


def _why(one: ReplayedExample) -> str:
    if not one.reasons:
        return f"it is {plain(one.state)}, and all that the draft asks for was there"
    waits = f" ({in_words(one.waits_at_least_seconds)} more at least)" if one.waits_at_least_seconds else ""
    return "; ".join(plain(reason.detail) for reason in one.reasons) + waits


def _asked(found: PolicyReplay) -> Iterator[str]:
    if more := [one for one in found.roles if one.with_draft > one.then][:MOST_ASKED]:
        yield f"  asked more often: {', '.join(map(_role, more))}"
    if found.people:
        yield f"  may be asked more often: {', '.join(map(_person, found.people[:MOST_ASKED]))}"
    if found.without_people:
        yield f"  for {found.without_people} of them too few people hold the roles today"


def _role(one: AskedRoles) -> str:
    return f"{' or '.join(map(plain, one.any_of))}{' (feedback)' if one.feedback else ''} {one.then} → {one.with_draft}"


def _person(one: PersonAsked) -> str:
    needed = f", {one.must_be_asked} × not to be spared" if one.must_be_asked else ""
    return f"{plain(one.name or one.person_id)} ({one.may_be_asked} beside {one.signed} signed{needed})"


def _validity(found: PolicyReplay) -> Iterator[str]:
    changed = {"shorter": found.shorter_validity, "longer": found.longer_validity}
    if said := ", ".join(f"{number} for a {words} time" for words, number in changed.items() if number):
        over = f"; {found.ended_by_now} in force now would be over" if found.ended_by_now else ""
        yield f"  approved {said}{over}"


def _words(reason: str) -> str:
    return plain(reason).replace("_", " ")
