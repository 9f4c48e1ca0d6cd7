"""What a new policy asks less of than the one in force, in words: where two admins decide on access, a second one confirms it.

A change that can't be seen to be at least as strict counts as weaker: other roles than before, another plan, another calendar.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from placet_approval.domain.emergency_terms import BreakGlassTerms
from placet_approval.domain.policy_terms import EvidenceTerms, PolicyTerms, SignatureTerm
from placet_approval.domain.process_terms import DeadlineTerms, FeedbackTerm, ProcessTerms, WaiverTerms
from placet_approval.domain.reachable_quorum import SignerGroup, most_signatures
from placet_approval.domain.step_terms import HOLDING, StepFact, StepTerm, by_hand_before

__all__ = ["STANDS_BETWEEN", "stands_for_those_before", "weakens"]

STRICTNESS: Final = {"allow": 0, "warn": 1, "prevent": 2}
STANDS_BETWEEN: Final = "stands for the environments before it"
COMPARED: Final = (
    "mode",
    "signatures",
    "verification",
    "excludes",
    "expires_after",
    "rationale_required",
    "lineage_required",
    "signers_must_stay",
    "decision_valid_for",
    "owner",
    "when_a_yes_ends",
    "break_glass",
    "previous_required",
    "soak",
)
COMPARED_PROCESS: Final = ("feedback", "in_sequence", "waivers", "deadlines", "review_before", "findings_held", "steps")


def weakens(old: PolicyTerms, new: PolicyTerms) -> list[str]:
    """What `new` asks less of than `old`, each in a few words of a fixed list; none when it is at least as strict in everything."""
    return [*_decision(old, new), *_evidence(old, new), *_process(old.process, new.process), *_emergencies(old, new), *_others(old, new)]


def stands_for_those_before(old: PolicyTerms | None, new: PolicyTerms) -> bool:
    """Whether later environments would be content with an approval here, and not ask for one in those before it any more."""
    asked = old is not None and bool(old.signatures)
    return bool(new.signatures) and not new.previous_required and not asked


def _decision(old: PolicyTerms, new: PolicyTerms) -> Iterator[str]:
    if STRICTNESS[new.mode] < STRICTNESS[old.mode]:
        yield "milder mode"
    if not _covers(new.signatures, old.signatures):
        yield "fewer signatures, or of other roles"
    elif old.process.in_sequence and not (new.process.in_sequence and _in_order(new.signatures, old.signatures)):
        yield "signatures in another order"
    if {*old.excludes} - {*new.excludes}:
        yield "fewer people excluded"
    if new.expires_after > old.expires_after:
        yield "approvals valid for longer"
    if new.decision_valid_for > old.decision_valid_for:
        yield "a gate's yes valid for longer"
    if old.rationale_required and not new.rationale_required:
        yield "no rationale"
    if old.signers_must_stay and not new.signers_must_stay:
        yield "signers may leave"
    if new.owner not in (None, old.owner):
        yield "another owner"


def _evidence(old: PolicyTerms, new: PolicyTerms) -> Iterator[str]:
    if old.verification is not None and not _verified(old.verification, new.verification):
        yield "less evidence"
    if old.lineage_required and not new.lineage_required:
        yield "no lineage"
    if old.previous_required and not new.previous_required:
        yield "no approval in the environment before"
    if (new.soak or timedelta()) < (old.soak or timedelta()):
        yield "less time in the environment before"


def _verified(old: EvidenceTerms, new: EvidenceTerms | None) -> bool:
    """Whether what the new policy asks for includes what the old one did."""
    if new is None or new.max_age > old.max_age or (old.held_out_required and not new.held_out_required):
        return False
    return old.plan in (None, new.plan)


def _process(old: ProcessTerms, new: ProcessTerms) -> Iterator[str]:
    if not all(_asked_by(new.feedback, term) for term in old.feedback):
        yield "less feedback"
    if not _waives_no_more(old.waivers, new.waivers):
        yield "wider waivers"
    if old.deadlines is not None and not _due_as_soon(old.deadlines, new.deadlines):
        yield "later deadlines, or another calendar"
    if (new.review_before or timedelta()) < (old.review_before or timedelta()):
        yield "a later review, or none"
    if old.findings_held and not new.findings_held:
        yield "findings that hold nothing"
    if not all({*_by_hand(old.steps, fact)} <= {*_by_hand(new.steps, fact)} for fact in HOLDING):
        yield "fewer steps, or of other roles"


def _by_hand(steps: Sequence[StepTerm], before: StepFact) -> Iterator[tuple[str, str | None]]:
    return ((step.name, step.role) for step in by_hand_before(steps, before))


def _waives_no_more(old: WaiverTerms | None, new: WaiverTerms | None) -> bool:
    return new is None or (old is not None and {*new.any_of} <= {*old.any_of} and new.for_at_most <= old.for_at_most)


def _due_as_soon(old: DeadlineTerms, new: DeadlineTerms | None) -> bool:
    """Calendars are not compared: another one moves some deadline later."""
    if new is None or new.calendar != old.calendar or (old.escalate_to and new.escalate_to != old.escalate_to):
        return False
    lengths = (
        (old.remind_after, new.remind_after),
        (old.escalate_after, new.escalate_after),
        (old.expire_after, new.expire_after),
    )
    return all(before is None or (after is not None and after <= before) for before, after in lengths)


def _emergencies(old: PolicyTerms, new: PolicyTerms) -> Iterator[str]:
    if old.when_a_yes_ends not in ("alert", new.when_a_yes_ends):
        yield "another directive when a yes ends"
    if not _breaks_no_more(old.break_glass, new.break_glass):
        yield "wider break-glass"


def _breaks_no_more(old: BreakGlassTerms | None, new: BreakGlassTerms | None) -> bool:
    if new is None:
        return True
    overrides = new.overrides_rejection and not (old and old.overrides_rejection)
    return old is not None and {*new.roles} <= {*old.roles} and new.for_at_most <= old.for_at_most and not overrides


def _others(old: PolicyTerms, new: PolicyTerms) -> Iterator[str]:
    """What is compared above, put aside: what is left differs in terms that this does not know."""
    if _unknown(old, new) != _unknown(new, new):
        yield "other terms"


def _unknown(terms: PolicyTerms, as_in: PolicyTerms) -> Mapping[str, Any]:
    known = {name: getattr(as_in, name) for name in COMPARED}
    process = {name: getattr(as_in.process, name) for name in COMPARED_PROCESS}
    return replace(terms, **known, process=replace(terms.process, **process)).content()


def _covers(new: Sequence[SignatureTerm], old: Sequence[SignatureTerm]) -> bool:
    """Whether people who meet `new` meet `old` too: each place of the old one is a place of the new one, of no other roles."""
    places = [SignerGroup(frozenset({str(index)}), term.count) for index, term in enumerate(new)]
    wanted = [
        SignatureTerm(tuple(str(index) for index, place in enumerate(new) if {*place.any_of} <= {*term.any_of}), term.count) for term in old
    ]
    return most_signatures(wanted, places) >= sum(term.count for term in old)


def _in_order(new: Sequence[SignatureTerm], old: Sequence[SignatureTerm]) -> bool:
    """Whether the terms of the old one come in their order among those of the new one."""
    following = iter(new)
    return all(any({*term.any_of} <= {*wanted.any_of} and term.count >= wanted.count for term in following) for wanted in old)


def _asked_by(new: Sequence[FeedbackTerm], old: FeedbackTerm) -> bool:
    return any(term.group == old.group and {*term.any_of} <= {*old.any_of} and term.count >= old.count for term in new)
