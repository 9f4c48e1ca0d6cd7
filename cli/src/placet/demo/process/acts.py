"""The acts of the process, each found by what it left when it was done already, and otherwise done."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from placet.demo.process.cast import NORA, Cast
from placet.demo.process.ground import LIVE, MODEL
from placet_client import Client
from placet_client.answers.directives import Directive
from placet_client.answers.gate import RecordedDecision
from placet_client.answers.registry import Deployment, Version
from placet_client.answers.sign_offs import SignOff
from placet_client.problems import ClientError, Problem

__all__ = [
    "AWAY",
    "CONDITION_SECONDS",
    "Interrupted",
    "be_back",
    "delegate",
    "deploy",
    "deployments_of",
    "directive_about",
    "feedback",
    "latest_sign_off",
    "refusal",
    "request",
    "sign",
    "waive",
]

T = TypeVar("T")
AWAY = timedelta(minutes=10)
CONDITION_SECONDS = 20
WAIT_SECONDS = 120


class Interrupted(ClientError):
    """Time went by in the middle of the story, in which an approval ended; told again it goes on."""


def deployments_of(cast: Cast, version: Version) -> Sequence[Deployment]:
    """All that were ever reported, the newest first."""
    found = cast.demo.ci.registry.deployments(1000, environment=LIVE, model_id=version.model_id, state="all").items
    return [one for one in found if one.version_id == version.id]


def latest_sign_off(cast: Cast, version: Version) -> SignOff | None:
    """The version's newest sign-off."""
    found = cast.demo.alice.approval.sign_offs(1, version_id=version.id, environment=LIVE).items
    return cast.demo.alice.approval.sign_off(found[0].id) if found else None


def request(cast: Cast, version: Version, rationale: str) -> SignOff:
    """alice requests a sign-off; one that is open or in force is used again."""
    known = latest_sign_off(cast, version)
    if known and (known.state == "pending" or (known.state == "approved" and not known.expired)):
        return known
    requested = cast.demo.alice.approval.request_sign_off(version.id, LIVE, rationale)
    return cast.demo.alice.approval.sign_off(requested.id)


def feedback(who: Client, sign_off: SignOff, group: str, verdict: str, comment: str | None = None) -> None:
    """The group's answer, unless it has answered in this round."""
    if any(one.group == group and one.have < one.need for one in sign_off.groups):
        who.approval.give_feedback(sign_off.id, group, verdict, comment)


def waive(who: Client, sign_off_id: str, until: datetime, rationale: str) -> None:
    """Every issue that holds the approval."""
    for issue in who.approval.sign_off(sign_off_id).issues:
        if issue.holds:
            who.approval.waive_issue(sign_off_id, issue.id, until.isoformat(), rationale)


def delegate(cast: Cast, until: datetime) -> None:
    """bob says that he is away, and for how long nora signs in his place, here and for this model."""
    bob = cast.demo.bob
    me, now = bob.approval.whoami().id, datetime.now(UTC)
    if not any(one.person.id == me for one in bob.approval.absences(1000).items):
        bob.approval.state_absence(ends_at=(now + AWAY).isoformat())
    standing = bob.approval.delegations(1000, person="bob", standing=True).items
    if not any(one.delegate.name == NORA and one.environments == (LIVE,) for one in standing):
        bob.approval.delegate(NORA, until.isoformat(), "On leave.", roles=["reviewer"], environments=[LIVE], models=[MODEL])


def be_back(cast: Cast) -> None:
    """Ends the absence and the delegation of this story, and none of other stories."""
    bob = cast.demo.bob
    me = bob.approval.whoami().id
    for absence in bob.approval.absences(1000).items:
        if absence.person.id == me and absence.ends_at and absence.ends_at - absence.starts_at <= AWAY + timedelta(minutes=1):
            bob.approval.clear_absence("bob")
    for one in bob.approval.delegations(1000, person="bob", standing=True).items:
        if one.delegate.name == NORA and one.environments == (LIVE,):
            bob.approval.end_delegation(one.id, "I am back.")


def sign(who: Client, sign_off_id: str, role: str, rationale: str, **more: Any) -> SignOff:
    """A signature in this role, unless there is one; `more` are other fields of the request."""
    now = who.approval.sign_off(sign_off_id)
    if now.state == "pending" and not any(one.role == role and one.counts for one in now.signatures):
        who.approval.act(sign_off_id, "approve", {"rationale": rationale, "role": role, **more})
        now = who.approval.sign_off(sign_off_id)
    return now


def deploy(cast: Cast, version: Version) -> str | None:
    """What `placet deploy` does, after a recorded yes; the id of the break-glass that it rests on, if on one."""
    question = {"environment": LIVE, "version_id": version.id}

    def decided() -> RecordedDecision | None:
        answer = cast.demo.ci.approval.decide(question)
        return answer if answer.decided else None

    decision = _wait_for(decided, "The gate could not decide")
    if not decision.allowed:
        why = "; ".join(reason.detail for reason in decision.reasons)
        raise Interrupted(f"The gate did not let {MODEL} {version.number} in any more: {why}", "Tell it again: placet demo --process")
    cast.demo.ci.registry.report_deployment(LIVE, version.id)
    return decision.break_glass


def directive_about(cast: Cast, version: Version) -> Directive:
    """Within seconds after the yes has ended."""

    def found() -> Directive | None:
        items = cast.demo.erin.approval.directives(1000, environment=LIVE, model=MODEL).items
        return next((one for one in items if one.version_id == version.id), None)

    return _wait_for(found, "No directive came about what runs without a yes")


def refusal(act: Callable[[], object]) -> Problem:
    """Of an act that must be refused."""
    try:
        act()
    except Problem as problem:
        return problem
    raise AssertionError("An act went through that Placet refuses.")


def _wait_for(look: Callable[[], T | None], in_vain: str) -> T:
    until = time.monotonic() + WAIT_SECONDS
    while (found := look()) is None:
        if time.monotonic() > until:
            raise Interrupted(f"{in_vain} within {WAIT_SECONDS} seconds.", "Look what is wrong: placet status --as erin")
        time.sleep(0.5)
    return found
