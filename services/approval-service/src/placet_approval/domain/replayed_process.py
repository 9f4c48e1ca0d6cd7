"""What a draft would have had against the way that a past sign-off took: the environment before, feedback, issues, its time."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from placet_approval.domain.past_sign_off import EarlierPolicies, PastSignOff, environment_before
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.process_terms import DeadlineTerms
from placet_approval.domain.replayed_reasons import Finding

__all__ = ["before_findings", "process_findings"]

A_DAY = timedelta(days=1)


def before_findings(terms: PolicyTerms, past: PastSignOff, earlier: Sequence[EarlierPolicies]) -> Iterator[Finding]:
    """The nearest environment alone: what its own policy asked for is in its approval."""
    if not terms.previous_required:
        return
    asking = environment_before(earlier, past.at)
    if asking:
        yield from _approved_in(asking, past)
    if terms.soak and (place := asking or next((one.environment for one in earlier), None)):
        ran = sum((span.before(past.at) for span in past.deployed_before if span.environment == place), timedelta())
        if ran < terms.soak:
            yield Finding("soak_missing", f"ran in {place} for less than the soak time", waits=terms.soak - ran)


def _approved_in(environment: str, past: PastSignOff) -> Iterator[Finding]:
    spans = [span for span in past.approvals_before if span.environment == environment]
    if any(span.covers(past.at) for span in spans):
        return
    later = min((span.since for span in spans if span.since > past.at), default=None)
    if later is None:
        yield Finding("previous_environment_missing", f"not approved in {environment}", asks=environment)
    else:
        yield Finding("previous_environment_later", f"approved in {environment} only later", asks=environment, waits=later - past.at)


def process_findings(terms: PolicyTerms, past: PastSignOff) -> Iterator[Finding]:
    """Groups that did not answer, issues that people would have had to waive, and a time that was over."""
    for term in terms.process.feedback:
        answered = {one.person_id for one in past.answers if one.group == term.group and one.role in term.any_of}
        if len(answered) < term.count:
            short = term.count - len(answered)
            yield Finding("feedback_missing", f"feedback of {short} × {term.group} more", asks=f"{short} × {term.group}")
    yield from _issues(terms, past)
    if past.approved and (deadlines := terms.process.deadlines) and _too_late(deadlines, past):
        yield Finding("deadline_passed", "people took longer than the draft gives them")


def _too_late(deadlines: DeadlineTerms, past: PastSignOff) -> bool:
    """A calendar makes a time longer and never shorter, so days are counted one by one only where so many have passed."""
    length = deadlines.expire_after
    if length is None or past.at - past.requested_at < length - A_DAY:
        return False
    return past.at >= deadlines.calendar.after(past.requested_at, length)


def _issues(terms: PolicyTerms, past: PastSignOff) -> Iterator[Finding]:
    """Where the policy then held findings too, people have waived them already."""
    held_then = past.policy is not None and past.policy.process.findings_held
    if not terms.process.findings_held or not past.findings or held_then:
        return
    checks = f"{past.findings} advisory check{'s' if past.findings > 1 else ''} not met"
    if terms.process.waivers:
        yield Finding("issues_to_waive", f"{checks}, to be waived")
    else:
        yield Finding("issues_not_waivable", f"{checks}, which no role may waive")
