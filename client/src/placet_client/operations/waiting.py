"""Wait until people have decided, and then have the gate decide: what a pipeline does before it deploys.

1. The state is read first, so that earlier acts count.
2. Only then the service is asked to answer when it changes; after every answer, and after a lost connection, 1 again.
3. An approval is no yes yet: only a durable gate decision is.
4. A gate that can't decide now is asked again a few times, each time for a decision of its own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from placet_client.answers.gate import RecordedDecision
from placet_client.answers.sign_offs import SignOffSummary
from placet_client.calls import Flow, Pause
from placet_client.exit_codes import ExitCode
from placet_client.operations import approval, gate
from placet_client.problems import ClientError, Problem, Unreachable

__all__ = ["Outcome", "Subject", "Verdict", "wait_for_approval"]

Verdict = Literal["approved", "rejected", "timed_out", "undecided"]
Tell = Callable[[str], None]

EXIT_CODES: Mapping[Verdict, ExitCode] = {
    "approved": ExitCode.YES,
    "rejected": ExitCode.NO,
    "timed_out": ExitCode.TIMED_OUT,
    "undecided": ExitCode.CANNOT_TELL,
}
LONG_POLL = 25.0
LOOK_EVERY = 1.0
BREATH = 0.2
FIRST_CONTACT_WITHIN = 30.0
DECISION_PAUSES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a wait: a sign-off by its id, or the latest of a version for an environment."""

    sign_off_id: str | None = None
    version_id: str | None = None
    environment: str | None = None


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


def wait_for_approval(subject: Subject, seconds: float, tell: Tell = lambda line: None) -> Flow[Outcome]:
    """Returns when there is an answer, at the latest after so many seconds; raises `Problem` for an invalid question.

    `tell` is called with a line for each new state, for a log.
    """
    return (yield from _Waiter(subject, seconds, tell).wait())


class _Waiter:
    def __init__(self, subject: Subject, seconds: float, tell: Tell) -> None:
        self._subject = subject
        self._tell = tell
        self._began = time.monotonic()
        self._until = self._began + seconds
        self._met = False
        self._lost: ClientError | None = None
        self._told: str | None = None
        self._watched: datetime | None = None
        self._traceparent: str | None = None

    def wait(self) -> Flow[Outcome]:
        while True:
            try:
                outcome = yield from self._look()
                self._met, self._lost = True, None
            except (Unreachable, Problem) as error:
                outcome = None
                yield from self._after(error)
            if outcome:
                return outcome
            if self._rest() <= 0:
                return self._out_of_time()

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
        found = yield from approval.sign_offs(1, version_id=self._subject.version_id, environment=self._subject.environment)
        latest = found.items
        return latest[0] if latest else None

    def _without_sign_off(self) -> Flow[Outcome | None]:
        """No sign-off was requested; the environment's policy may ask for none."""
        question = {"environment": self._subject.environment, "version_id": self._subject.version_id}
        now = yield from gate.ask_gate(question)
        if now.allowed and not now.reasons:
            return (yield from self._decide(None, question))
        self._say("no sign-off has been requested yet")
        yield from Pause(max(0.0, min(LOOK_EVERY, self._rest())))
        return None

    def _decide(self, sign_off: SignOffSummary | None, question: Mapping[str, Any]) -> Flow[Outcome]:
        decision = yield from gate.decide(question, self._traceparent)
        for pause in DECISION_PAUSES:  # 4
            if decision.decided or self._rest() <= pause:
                break
            self._say("the gate can't decide at this moment, asking again")
            yield from Pause(pause)
            decision = yield from gate.decide(question, self._traceparent)
        if not decision.decided:
            return Outcome("undecided", "The gate could not decide.", sign_off, decision)
        if decision.allowed:
            return Outcome("approved", "The gate says yes.", sign_off, decision)
        return Outcome("rejected", "It was approved, but the gate says no.", sign_off, decision)

    def _after(self, error: ClientError) -> Flow[None]:
        """A lost connection is retried; a refusal of the service is raised."""
        if isinstance(error, Problem) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise error
        if not self._met and time.monotonic() - self._began > FIRST_CONTACT_WITHIN:
            raise error
        self._lost = error
        self._say(f"{error.detail} Going on as soon as it answers.")
        yield from Pause(max(0.0, min(LOOK_EVERY, self._rest())))

    def _out_of_time(self) -> Outcome:
        if self._lost:
            return Outcome("undecided", f"Time is up, and the state is unknown: {self._lost.detail}")
        return Outcome("timed_out", "Time is up, and people have not decided.")

    def _rest(self) -> float:
        return self._until - time.monotonic()

    def _say_how_far(self, sign_off: SignOffSummary) -> None:
        self._say(f"sign-off {sign_off.id} is {sign_off.state}, {sign_off.have} of {sign_off.need} have signed")

    def _say(self, line: str) -> None:
        """Reports each state once."""
        if line != self._told:
            self._told = line
            self._tell(line)
