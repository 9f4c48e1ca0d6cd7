"""Wait until people have decided, and then have the gate decide: what a pipeline does before it deploys.

1. The state is read first: what happened while nobody waited has happened.
2. Only then the service is asked to answer when it changes; after every answer, and after a lost connection, 1 again.
3. An approval is no yes yet: only a durable gate decision is.
4. A gate that can't decide now is asked again a few times, each time for a decision of its own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from placet_client.connection import Json
from placet_client.installation import Installation
from placet_client.problems import ClientError, Problem, Unreachable

__all__ = ["Outcome", "Subject", "Verdict", "wait_for_approval"]

Verdict = Literal["approved", "rejected", "timed_out", "undecided"]
Tell = Callable[[str], None]

LONG_POLL = 25.0
LOOK_EVERY = 1.0
BREATH = 0.2
FIRST_CONTACT_WITHIN = 30.0
DECISION_PAUSES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is waited for: a sign-off, or whichever is the latest of a version for an environment."""

    sign_off_id: str | None = None
    version_id: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`decision` is the gate's, where it was asked; `why` is for people."""

    verdict: Verdict
    why: str
    sign_off: Json | None = None
    decision: Json | None = None


def wait_for_approval(placet: Installation, subject: Subject, seconds: float, tell: Tell = lambda line: None) -> Outcome:
    """Comes back when there is an answer, at the latest after so many seconds; raises `Problem` for a wrong question."""
    return _Waiter(placet, subject, seconds, tell).wait()


class _Waiter:
    def __init__(self, placet: Installation, subject: Subject, seconds: float, tell: Tell) -> None:
        self._placet = placet
        self._subject = subject
        self._tell = tell
        self._began = time.monotonic()
        self._until = self._began + seconds
        self._met = False
        self._lost: ClientError | None = None
        self._told: str | None = None
        self._watched: str | None = None
        self._traceparent: str | None = None

    def wait(self) -> Outcome:
        while True:
            try:
                outcome = self._look()
                self._met, self._lost = True, None
            except (Unreachable, Problem) as error:
                outcome = self._after(error)
            if outcome:
                return outcome
            if self._rest() <= 0:
                return self._out_of_time()

    def _look(self) -> Outcome | None:
        sign_off = self._sign_off()  # 1
        if sign_off is None:
            return self._without_sign_off()
        self._say_how_far(sign_off)
        if sign_off["state"] == "pending":
            self._watch(sign_off)  # 2
            return None
        if sign_off["state"] == "approved":
            return self._decide(sign_off, {"environment": sign_off["environment"], "version_id": sign_off["version_id"]})  # 3
        return Outcome("rejected", f"The sign-off was {sign_off['state']}.", sign_off)

    def _watch(self, sign_off: Json) -> None:
        """Until it changes; not in haste when it was answered without a change."""
        if sign_off["changed_at"] == self._watched:
            time.sleep(max(0.0, min(BREATH, self._rest())))
        self._watched = sign_off["changed_at"]
        answer = self._placet.approval.wait(sign_off["id"], max(0.0, min(LONG_POLL, self._rest())))
        self._traceparent = answer.get("traceparent")

    def _sign_off(self) -> Json | None:
        if self._subject.sign_off_id:
            return self._placet.approval.sign_off(self._subject.sign_off_id)
        search = {"version_id": self._subject.version_id, "environment": self._subject.environment}
        latest = self._placet.approval.sign_offs(1, **search)["items"]
        return latest[0] if latest else None

    def _without_sign_off(self) -> Outcome | None:
        """Nobody has requested one; an environment may not ask for any."""
        question = {"environment": self._subject.environment, "version_id": self._subject.version_id}
        now = self._placet.approval.ask_gate(question)
        if now["allowed"] and not now["reasons"]:
            return self._decide(None, question)
        self._say("no sign-off has been requested yet")
        time.sleep(max(0.0, min(LOOK_EVERY, self._rest())))
        return None

    def _decide(self, sign_off: Json | None, question: Mapping[str, Any]) -> Outcome:
        decision = self._placet.approval.decide(question, self._traceparent)
        for pause in DECISION_PAUSES:  # 4
            if decision["decided"] or self._rest() <= pause:
                break
            self._say("the gate can't decide at this moment, asking again")
            time.sleep(pause)
            decision = self._placet.approval.decide(question, self._traceparent)
        if not decision["decided"]:
            return Outcome("undecided", "The gate could not decide.", sign_off, decision)
        if decision["allowed"]:
            return Outcome("approved", "The gate says yes.", sign_off, decision)
        return Outcome("rejected", "It was approved, but the gate says no.", sign_off, decision)

    def _after(self, error: ClientError) -> Outcome | None:
        """A lost connection is waited out; whatever the service has understood and refused is not."""
        if isinstance(error, Problem) and error.status < httpx.codes.INTERNAL_SERVER_ERROR:
            raise error
        if not self._met and time.monotonic() - self._began > FIRST_CONTACT_WITHIN:
            raise error
        self._lost = error
        self._say(f"{error.detail} Going on as soon as it answers.")
        time.sleep(max(0.0, min(LOOK_EVERY, self._rest())))
        return None

    def _out_of_time(self) -> Outcome:
        if self._lost:
            return Outcome("undecided", f"Time is up, and nobody could tell how things are: {self._lost.detail}")
        return Outcome("timed_out", "Time is up, and people have not decided.")

    def _rest(self) -> float:
        return self._until - time.monotonic()

    def _say_how_far(self, sign_off: Json) -> None:
        self._say(f"sign-off {sign_off['id']} is {sign_off['state']}, {sign_off['have']} of {sign_off['need']} have signed")

    def _say(self, line: str) -> None:
        """Each state once, however often it is looked at."""
        if line != self._told:
            self._told = line
            self._tell(line)
