"""Promotion along the environments: an approval in force in the environment before, and the time for which the bytes ran there.

The environment before is the nearest earlier one whose policy asks for signatures: one that lets all through, wherever it is put in the
order, stands for nothing. Where that policy asks for the environment before it in turn, so does this one. A no that stands in an
environment on the way counts even when its policy asks for no signature any more.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from placet_approval.domain.gate_facts import Candidate, EarlierEnvironment
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.known_sign_off import KnownSignOff, contested_claims, outdated_by, standing_noes
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.step_reasons import step_reasons

__all__ = ["approvals_before", "approved_before_until", "promotion_reasons"]


def promotion_reasons(terms: PolicyTerms, earlier: Sequence[EarlierEnvironment], at: datetime) -> Iterator[Reason]:
    """What is missing before; `earlier` are the environments before, nearest first."""
    if not terms.previous_required:
        return
    missing = next((environment for environment in _needed(earlier, at) if _approval(environment, at) is None), None)
    if missing:
        yield _previous_missing(terms.environment, missing, at)
    if terms.soak and (place := _soaks_in(earlier)) and (ran := _deployed_for(place, at)) < terms.soak:
        yield _soak_missing(place, terms.soak, ran)


def approved_before_until(terms: PolicyTerms, earlier: Sequence[EarlierEnvironment], at: datetime) -> datetime | None:
    """When the first of the approvals that it rests on expires; None when it rests on none."""
    ends = [one.expires_at for one in approvals_before(terms, earlier, at).values() if one.expires_at]
    return min(ends, default=None)


def approvals_before(terms: PolicyTerms, earlier: Sequence[EarlierEnvironment], at: datetime) -> Mapping[str, KnownSignOff]:
    """The approvals that it rests on by their environments, nearest first."""
    if not terms.previous_required:
        return {}
    found = {environment.name: _approval(environment, at) for environment in _needed(earlier, at)}
    return {name: approval for name, approval in found.items() if approval}


def _needed(earlier: Sequence[EarlierEnvironment], at: datetime) -> Iterator[EarlierEnvironment]:
    """The environments in which an approval is needed, nearest first."""
    for environment in earlier:
        asks = environment.policy is None or bool(environment.policy.terms.signatures)
        if asks or environment.noes:
            yield environment
        if asks and not (environment.policy and environment.policy.terms.previous_required):
            return


def _approval(environment: EarlierEnvironment, at: datetime) -> KnownSignOff | None:
    """The approval in force there that lasts longest."""
    found = [known for version in environment.versions if (known := _in_force(version, environment, at))]
    return max(found, key=lambda known: known.expires_at or at, default=None)


def _in_force(version: Candidate, environment: EarlierEnvironment, at: datetime) -> KnownSignOff | None:
    """What the gate would ask of the sign-off in that environment, apart from the age of its evidence."""
    known, policy = version.deciding, version.policy_at(at, environment.policy)
    if known is None or policy is None or known.state != "approved" or known.expires_at is None or known.expires_at <= at:
        return None
    now = version.circumstances(policy)
    ended = outdated_by(known, now) or contested_claims(known, now) or standing_noes(known, now)
    return None if ended or any(step_reasons(now, known.binding.requester, "deployed")) else known


def _previous_missing(wanted: str, environment: EarlierEnvironment, at: datetime) -> Reason:
    name = environment.name
    facts = {"environment": name, "rejected": bool(environment.noes)}
    asks = f"{wanted} asks for an approval of the same bytes in {name}"
    if environment.policy is None:
        detail, resolve = f"{asks}, and no policy says what {name} asks for.", "Have an admin define one: `placet apply -f policy.yaml`."
        return Reason("previous_environment_missing", detail, resolve, facts=facts)
    request = f"`placet signoff request MODEL/NUMBER -e {name}`."
    if environment.noes:
        last = max(environment.noes, key=lambda no: no.at)
        why, resolve = f"these bytes were {last.kind} there", f"Read why; when that is dealt with, request a new sign-off: {request}"
        if last.holds:
            resolve = f"Read why; a person who may sign lets it go on: `placet signoff resume {last.sign_off_id} -r TEXT`."
    elif _expired(environment, at):
        why, resolve = "the approval there has expired", f"Request a new one, so that people look at it again: {request}"
    elif environment.versions:
        why = "the approval there is not in force any more"
        resolve = f"Ask why, `placet gate MODEL/NUMBER -e {name}`; then request a new one: {request}"
    else:
        why, resolve = "there is none", f"Request it first: {request}"
    return Reason("previous_environment_missing", f"{asks} that is in force, and {why}.", resolve, facts=facts)


def _expired(environment: EarlierEnvironment, at: datetime) -> bool:
    ends = [known.expires_at for version in environment.versions if (known := version.deciding) and known.state == "approved"]
    return bool(ends) and all(end is not None and end <= at for end in ends)


def _soaks_in(earlier: Sequence[EarlierEnvironment]) -> EarlierEnvironment | None:
    """Where no environment before asks for signatures, in the one right before."""
    asking = (one for one in earlier if one.policy is None or one.policy.terms.signatures)
    return next(asking, next(iter(earlier), None))


def _deployed_for(environment: EarlierEnvironment, at: datetime) -> timedelta:
    return sum((max((span.until or at) - span.since, timedelta()) for span in environment.deployed), timedelta())


def _soak_missing(environment: EarlierEnvironment, soak: timedelta, ran: timedelta) -> Reason:
    name, missing = environment.name, soak - ran
    since = min((span.since for span in environment.deployed), default=None)
    running = any(span.until is None for span in environment.deployed)
    was = f"ran in {name} for {_in_words(ran)} since {since.isoformat(timespec='seconds')}" if since else f"were never deployed in {name}"
    report = "" if running else f" Report the deployment: `placet deploy MODEL/NUMBER -e {name}`."
    return Reason(
        "soak_missing",
        f"These bytes {was}; the policy asks for {_in_words(soak)}, so {_in_words(missing)} are missing.",
        f"Ask again when they have run there for so long.{report}",
        facts={
            "environment": name,
            "since": since and since.isoformat(),
            "running": running,
            "deployed_seconds": int(ran.total_seconds()),
            "missing_seconds": -int(-missing.total_seconds() // 1),
        },
    )


def _in_words(length: timedelta) -> str:
    """`1 d 3 h`, `45 min`, `20 s`: the two largest units."""
    rest = int(length.total_seconds())
    parts: list[str] = []
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        number, rest = divmod(rest, seconds)
        if number or (unit == "s" and not parts):
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])
