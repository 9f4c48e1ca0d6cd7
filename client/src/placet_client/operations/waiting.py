"""Wait until people have decided, and then have the gate decide: what a pipeline does before it deploys.

1. The state is read first, so that earlier acts count.
2. Only then the service is asked to answer when it changes; after every answer, and after a lost connection, 1 again.
3. An approval is no yes yet: only a durable gate decision is.
4. A gate that can't decide now is asked again until time is up, each time for a decision of its own.

A service that is away is waited for, from the first question to the last. A question that can never be answered with yes, such as one
about an environment that does not exist, ends the wait at once.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from placet_client.answers.gate import Decision, RecordedDecision
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.calls import Call, Flow, Pause
from placet_client.exit_codes import ExitCode
from placet_client.operations import approval, gate, registry
from placet_client.problems import ClientError, Missing, Problem, Unreachable

__all__ = ["Outcome", "Subject", "Verdict", "wait_for_approval"]

T = TypeVar("T")
Verdict = Literal["approved", "rejected", "timed_out", "undecided"]
Tell = Callable[[str], None]

EXIT_CODES: Mapping[Verdict, ExitCode] = {
    "approved": ExitCode.YES,
    "rejected": ExitCode.NO,
    "timed_out": ExitCode.TIMED_OUT,
    "undecided": ExitCode.CANNOT_TELL,
}
LONG_POLL = 20.0
LOOK_EVERY = 1.0
BREATH = 0.2
LAST_ANSWER_WITHIN = 5.0
TELL_AGAIN_AFTER = 60.0
# Each question is recorded, so they become rarer.
FIRST_DECISION_PAUSE, LONGEST_DECISION_PAUSE = 0.5, 16.0
# A proxy answers so for a service that will be asked again.
NOT_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a wait: a sign-off by its id, or the latest of a version for an environment.

    A version is named by its id, or by its model (id or name) and number.
    """

    sign_off_id: str | None = None
    version_id: str | None = None
    environment: str | None = None
    model: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`decision` is the gate's, where it was asked; `why` is for people."""

    verdict: Verdict
    why: str
    sign_off: SignOffSummary | None = None
    decision: RecordedDecision | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of `placet wait`."""
        return EXIT_CODES[self.verdict]


def wait_for_approval(
    subject: Subject, seconds: float, tell: Tell = lambda line: None, clock: Callable[[], float] = time.monotonic
) -> Flow[Outcome]:
    """Returns when there is an answer, at the latest after so many seconds.

    Raises `Problem` for a question that is refused, `Missing` for an environment or a version that does not exist. `tell` is called with
    a line for each new state, and with the same line again every minute, for a log.
    """
    return (yield from _Waiter(subject, seconds, tell, clock).wait())


class _Waiter:
    def __init__(self, subject: Subject, seconds: float, tell: Tell, clock: Callable[[], float]) -> None:
        self._subject = subject
        self._tell = tell
        self._clock = clock
        self._began = clock()
        self._until = self._began + seconds
        self._version_id = subject.version_id
        self._lost: ClientError | None = None
        self._told: str | None = None
        self._told_at = self._began
        self._watched: datetime | None = None
        self._traceparent: str | None = None

    def wait(self) -> Flow[Outcome]:
        while True:
            try:
                outcome = yield from self._in_time(self._look())
                self._lost = None
            except (Unreachable, Problem) as error:
                outcome = None
                yield from self._after(error)
            if outcome:
                return outcome
            if self._rest() <= 0:
                return self._out_of_time()

    def _in_time(self, flow: Flow[T]) -> Flow[T]:
        """The same steps; a service that hangs is given up soon after time is up."""
        advance = partial(next, flow)
        while True:
            try:
                step = advance()
            except StopIteration as ended:
                result: T = ended.value
                return result
            if isinstance(step, Call):
                step = replace(step, within=min(step.within, max(self._rest(), 0.0) + LAST_ANSWER_WITHIN))
            try:
                came = yield step
            except ClientError as error:
                advance = partial(flow.throw, error)
            else:
                advance = partial(flow.send, came)

    def _look(self) -> Flow[Outcome | None]:
        sign_off = yield from self._sign_off()  # 1
        if sign_off is None:
            return (yield from self._without_sign_off())
        self._say_how_far(sign_off)
        if sign_off.state == "pending":
            yield from self._watch(sign_off)  # 2
            return None
        if sign_off.state == "approved":
            return (yield from self._decide(sign_off, {"environment": sign_off.environment, "version_id": sign_off.version_id}))  # 3
        return Outcome("rejected", f"The sign-off was {sign_off.state}.", sign_off)

    def _watch(self, sign_off: SignOffSummary) -> Flow[None]:
        """Wait until it changes; pauses when the answer came without a change."""
        if sign_off.changed_at == self._watched:
            yield from Pause(max(0.0, min(BREATH, self._rest())))
        self._watched = sign_off.changed_at
        answer = yield from approval.wait(sign_off.id, max(0.0, min(LONG_POLL, self._rest())))
        self._traceparent = answer.traceparent

    def _sign_off(self) -> Flow[SignOffSummary | None]:
        if self._subject.sign_off_id:
            return (yield from approval.sign_off(self._subject.sign_off_id))
        if self._version_id is None and self._subject.model is not None and self._subject.number is not None:
            version = yield from registry.version(self._subject.model, self._subject.number)
            self._version_id = version.id
        found = yield from approval.sign_offs(1, version_id=self._version_id, environment=self._subject.environment)
        latest = found.items
        return latest[0] if latest else None

    def _without_sign_off(self) -> Flow[Outcome | None]:
        """No sign-off was requested; the environment's policy may ask for none. Raises `Missing`."""
        question = {"environment": self._subject.environment, "version_id": self._version_id}
        now = yield from gate.ask_gate(question)
        _require_an_answerable_question(now)
        if now.allowed and not now.reasons:
            return (yield from self._decide(None, question))
        self._say(f"no sign-off of this version has been requested for {self._subject.environment} yet")
        yield from Pause(max(0.0, min(LOOK_EVERY, self._rest())))
        return None

    def _decide(self, sign_off: SignOffSummary | None, question: Mapping[str, Any]) -> Flow[Outcome]:
        decision = yield from gate.decide(question, self._traceparent)
        pause = FIRST_DECISION_PAUSE
        while not decision.decided and self._rest() > 0:  # 4
            self._say(f"the gate can't decide at this moment, asking again: {_details(decision)}")
            yield from Pause(min(pause, self._rest()))
            pause = min(2 * pause, LONGEST_DECISION_PAUSE)
            decision = yield from gate.decide(question, self._traceparent)
        if not decision.decided:
            return Outcome("undecided", "The gate could not decide.", sign_off, decision)
        if decision.allowed:
            return Outcome("approved", "The gate says yes.", sign_off, decision)
        return Outcome("rejected", "It was approved, but the gate says no.", sign_off, decision)

    def _after(self, error: ClientError) -> Flow[None]:
        """A lost connection is retried; a refusal of the service is raised."""
        if isinstance(error, Problem) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR and error.status not in NOT_NOW:
            raise error
        self._lost = error
        self._say(f"{error.detail} Going on as soon as it answers.")
        yield from Pause(max(0.0, min(LOOK_EVERY, self._rest())))

    def _out_of_time(self) -> Outcome:
        if self._lost:
            return Outcome("undecided", f"Time is up, and the state is unknown: {self._lost.detail}")
        return Outcome("timed_out", "Time is up, and people have not decided.")

    def _rest(self) -> float:
        return self._until - self._clock()

    def _say_how_far(self, sign_off: SignOffSummary) -> None:
        self._say(f"sign-off {sign_off.id} is {sign_off.state}, {sign_off.have} of {sign_off.need} have signed")

    def _say(self, line: str) -> None:
        """Reports each state once, and every minute for how long it has been waited."""
        now = self._clock()
        if line == self._told and now - self._told_at < TELL_AGAIN_AFTER:
            return
        waited = f" (waiting for {round((now - self._began) / 60)} min)" if line == self._told else ""
        self._told, self._told_at = line, now
        self._tell(line + waited)


def _require_an_answerable_question(now: Decision) -> None:
    """Raises `Missing` when the gate knows that what it is asked about does not exist."""
    wrong = [reason for reason in now.reasons if reason.topic == "question"]
    if now.decided and wrong:
        raise Missing(" ".join(reason.detail for reason in wrong), " ".join(reason.resolve for reason in wrong))


def _details(decision: Decision) -> str:
    return " ".join(reason.detail for reason in decision.reasons if reason.topic == "knowledge")
