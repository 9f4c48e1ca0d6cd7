"""Prints an inbox: each part under its heading, and the command that comes next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from placet_client.answers.inbox import EndedSignOff, Inbox, SignOffToAnswer, SignOffToSign, StepToComplete
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.commands.waiting_for_me import how_many
from placet_client.printing.page import Column, note, show_line, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["show_inbox"]


def show_inbox(inbox: Inbox) -> None:
    """What waits, what was requested, what ended; a part that is empty is left out."""
    if inbox.to_sign:
        show_line(f"Waiting for your signature: {how_many(inbox)}", "bold")
        waiting = list(_as_one(inbox.to_sign))
        show_table(TO_SIGN, waiting, "", narrow=TO_SIGN_IN_SHORT)
        note(f"Look at one with all of its evidence: placet signoff show {inbox.to_sign[0].sign_off.id}")
        if release := next((one for one in waiting if one.first.sign_off.release_id), None):
            note(f"Versions that are signed as one: placet releases show {release.id}")
    elif not inbox.to_answer and not inbox.to_complete:
        note("No sign-off waits for you.")
    if inbox.to_answer:
        show_line(f"Waiting for your feedback: {len(inbox.to_answer)}", "bold")
        show_table(TO_ANSWER, inbox.to_answer, "", narrow=TO_ANSWER_IN_SHORT)
        first = inbox.to_answer[0]
        note(f"Answer: placet signoff feedback {first.sign_off.id} --group {first.groups[0]}")
    if inbox.to_complete:
        show_line(f"Steps that wait for you: {len(inbox.to_complete)}", "bold")
        show_table(TO_COMPLETE, inbox.to_complete, "", narrow=TO_COMPLETE_IN_SHORT)
        one = inbox.to_complete[0]
        note(f"Look at all of them: placet steps list {plain(one.model or one.model_id)}/{one.number} -e {plain(one.environment)}")
    if inbox.requested:
        show_line("You requested", "bold")
        show_table(REQUESTED, inbox.requested, "", narrow=REQUESTED_IN_SHORT)
    if inbox.ended:
        show_line("You signed, and it ended", "bold")
        show_table(ENDED, inbox.ended, "", narrow=ENDED_IN_SHORT)


def _about(one: SignOffSummary) -> str:
    return f"{_version(one)} → {plain(one.environment)}"


def _version(one: SignOffSummary) -> str:
    return f"{plain(one.model or one.model_id)}/{plain(one.number)}"


def _of_step(one: StepToComplete) -> str:
    return f"{plain(one.model or one.model_id)}/{one.number} → {plain(one.environment)}"


def _due(one: StepToComplete) -> str:
    return "" if one.due_at is None else f"overdue since {ago(one.due_at)}" if one.overdue else ago(one.due_at)


def _state(one: SignOffSummary) -> str:
    return "expired" if one.expired else plain(one.state)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A sign-off, or those of a release that wait for the person: they are signed as one."""

    first: SignOffToSign
    others: tuple[SignOffToSign, ...]

    @property
    def id(self) -> str:
        return self.first.sign_off.release_id or self.first.sign_off.id

    @property
    def about(self) -> str:
        if not self.first.sign_off.release_id:
            return _about(self.first.sign_off)
        versions = (one.sign_off for one in (self.first, *self.others))
        return f"release of {', '.join(map(_version, versions))} → {plain(self.first.sign_off.environment)}"

    @property
    def urgency(self) -> str:
        return next((said for one in (self.first, *self.others) if (said := _urgency(one))), "")


def _as_one(to_sign: Sequence[SignOffToSign]) -> Iterator[_Waiting]:
    """Each release once, at the place of the first of it."""
    told: set[str] = set()
    for one in to_sign:
        release = one.sign_off.release_id
        if release is None:
            yield _Waiting(one, ())
        elif release not in told:
            told.add(release)
            yield _Waiting(one, tuple(other for other in to_sign if other.sign_off.release_id == release and other is not one))


def _why(one: SignOffToSign) -> str:
    places = [" or ".join(plain(role) for role in one.roles)] if one.roles else []
    for other in one.for_others[: 1 if places else 3]:
        roles = " or ".join(plain(role) for role in other.roles)
        places.append(f"{roles} for {plain(other.person.name or other.person.id)}")
    return f"{', or '.join(places)}, by policy version {one.policy_version}"


def _urgency(one: SignOffToSign) -> str:
    return ", ".join(_reasons(one))


def _reasons(one: SignOffToSign) -> Iterator[str]:
    if one.runs_now and not one.approved_until:
        yield "runs there without a yes"
    elif one.runs_now:
        yield f"runs there, approved until {ago(one.approved_until)}"
    if one.sign_off.ends_at:
        yield f"to be decided {ago(one.sign_off.ends_at)}"


def _signed(one: SignOffSummary) -> str:
    return f"{one.have} of {one.need}"


TO_SIGN: tuple[Column[_Waiting], ...] = (
    ("model", lambda one: one.about),
    ("why you", lambda one: _why(one.first)),
    ("urgent", lambda one: one.urgency),
    ("signed", lambda one: _signed(one.first.sign_off)),
    ("requested", lambda one: f"{ago(one.first.sign_off.requested_at)} by {plain(one.first.sign_off.requester.name)}"),
    ("id", lambda one: plain(one.id)),
)
TO_SIGN_IN_SHORT: tuple[Column[_Waiting], ...] = (
    ("id", lambda one: plain(one.id)),
    ("of", lambda one: "; ".join(part for part in (one.about, one.urgency, f"you as {_why(one.first)}") if part)),
)
TO_ANSWER: tuple[Column[SignOffToAnswer], ...] = (
    ("model", lambda one: _about(one.sign_off)),
    ("for", lambda one: listed(map(plain, one.groups))),
    ("requested", lambda one: f"{ago(one.sign_off.requested_at)} by {plain(one.sign_off.requester.name)}"),
    ("id", lambda one: plain(one.sign_off.id)),
)
TO_ANSWER_IN_SHORT: tuple[Column[SignOffToAnswer], ...] = (
    ("id", lambda one: plain(one.sign_off.id)),
    ("of", lambda one: f"{_about(one.sign_off)}, for {listed(map(plain, one.groups))}"),
)
TO_COMPLETE: tuple[Column[StepToComplete], ...] = (
    ("model", _of_step),
    ("step", lambda one: plain(one.step)),
    ("as", lambda one: plain(one.role)),
    ("owner", lambda one: plain(one.owner)),
    ("since", lambda one: ago(one.since)),
    ("due", _due),
)
TO_COMPLETE_IN_SHORT: tuple[Column[StepToComplete], ...] = (
    ("step", lambda one: plain(one.step)),
    ("of", lambda one: "; ".join(part for part in (f"{_of_step(one)}, since {ago(one.since)}", _due(one)) if part)),
)
REQUESTED: tuple[Column[SignOffSummary], ...] = (
    ("model", _about),
    ("state", _state),
    ("signed", _signed),
    ("since", lambda one: ago(one.changed_at)),
    ("id", lambda one: plain(one.id)),
)
REQUESTED_IN_SHORT: tuple[Column[SignOffSummary], ...] = (
    ("id", lambda one: plain(one.id)),
    ("of", lambda one: f"{_about(one)}: {_state(one)}, {_signed(one)} signed"),
)
ENDED: tuple[Column[EndedSignOff], ...] = (
    ("model", lambda one: _about(one.sign_off)),
    ("state", lambda one: _state(one.sign_off)),
    ("ended", lambda one: ago(one.ended_at)),
    ("id", lambda one: plain(one.sign_off.id)),
)
ENDED_IN_SHORT: tuple[Column[EndedSignOff], ...] = (
    ("id", lambda one: plain(one.sign_off.id)),
    ("of", lambda one: f"{_about(one.sign_off)}: {_state(one.sign_off)} {ago(one.ended_at)}"),
)
