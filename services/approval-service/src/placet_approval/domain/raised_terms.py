"""Terms raised by a floor, or by those of another policy: of each field the stricter one, so that whatever meets them meets both."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from placet_approval.domain.emergency_terms import BreakGlassTerms
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import INVOLVEMENTS, MODES, EvidenceTerms, Mode, PolicyTerms, SignatureTerm
from placet_approval.domain.process_terms import FeedbackTerm, ProcessTerms, WaiverTerms
from placet_approval.domain.step_terms import raised_steps

__all__ = ["raised", "stricter_mode"]


def raised(terms: PolicyTerms, by: FloorTerms | PolicyTerms) -> PolicyTerms:
    """Pure. Each set of signatures that meets the result meets `terms` and `by`; raised by the same once more it stays as it is.

    Of another policy what no floor can say counts too: an emergency, a waiver only as far as both allow it. What is no matter of more or
    less stays as `terms` have it: the owner, the deadlines, what happens when a yes ends.
    """
    if isinstance(by, PolicyTerms):
        glass = _glass_of_both(terms.break_glass, by.break_glass)
        return raised(replace(terms, process=_process_of_both(terms.process, by.process), break_glass=glass), FloorTerms.of(by))
    return replace(
        terms,
        mode=stricter_mode(terms.mode, by.mode or terms.mode),
        signatures=raised_signatures(terms.signatures, by.signatures),
        verification=_evidence_of_both(terms.verification, by.verification),
        excludes=tuple(part for part in INVOLVEMENTS if part in terms.excludes or part in by.excludes),
        expires_after=min(terms.expires_after, by.expires_after or terms.expires_after),
        rationale_required=terms.rationale_required or by.rationale_required,
        lineage_required=terms.lineage_required or by.lineage_required,
        signers_must_stay=terms.signers_must_stay or by.signers_must_stay,
        decision_valid_for=min(terms.decision_valid_for, by.decision_valid_for or terms.decision_valid_for),
        process=replace(terms.process, feedback=_feedback_of_both(terms.process.feedback, by.feedback)),
        previous_required=terms.previous_required or by.previous_required or bool(by.soak),
        soak=max(filter(None, (terms.soak, by.soak)), default=None),
    )


def stricter_mode(one: Mode, other: Mode) -> Mode:
    """Prevent before warn before allow."""
    return min(one, other, key=MODES.index)


def raised_signatures(terms: Sequence[SignatureTerm], by: Sequence[SignatureTerm]) -> tuple[SignatureTerm, ...]:
    """The terms, and those places of `by` that they do not cover.

    A place of `terms` covers a place of `by` when each role that may fill it may fill the other; each covers one, since people count once.
    As many as possible are covered (Kuhn's augmenting paths), so that raising once more adds nothing.
    """
    places = [term.any_of for term in terms for _ in range(term.count)]
    wanted = [term.any_of for term in sorted(by, key=lambda term: len(term.any_of)) for _ in range(term.count)]
    covering: dict[int, int] = {}

    def cover(want: int, tried: set[int]) -> bool:
        for place, roles in enumerate(places):
            if place in tried or not {*roles} <= {*wanted[want]}:
                continue
            tried.add(place)
            if place not in covering or cover(covering[place], tried):
                covering[place] = want
                return True
        return False

    missing = Counter(wanted[want] for want in range(len(wanted)) if not cover(want, set()))
    more = [replace(term, count=term.count + missing.pop(term.any_of, 0)) for term in terms]
    return (*more, *(SignatureTerm(roles, count) for roles, count in missing.items()))


def _evidence_of_both(one: EvidenceTerms | None, other: EvidenceTerms | None) -> EvidenceTerms | None:
    """Where each names a plan the first one's name stays: every plan in force must have passed anyway."""
    if one is None or other is None:
        return one or other
    held_out = one.held_out_required or other.held_out_required
    return EvidenceTerms(one.plan or other.plan, min(one.max_age, other.max_age), held_out)


def _feedback_of_both(terms: Sequence[FeedbackTerm], by: Iterable[FeedbackTerm]) -> tuple[FeedbackTerm, ...]:
    """Of a group that both ask, those who may answer for both; where there are none, the floor's group gets a name of its own."""
    found = {term.group: term for term in terms}
    for term in by:
        group, known = term.group, found.get(term.group)
        common = tuple(role for role in known.any_of if role in term.any_of) if known else term.any_of
        if known and not common:
            group, known, common = f"{group}-floor", found.get(f"{group}-floor"), term.any_of
        found[group] = FeedbackTerm(group, common, max(term.count, known.count if known else 0))
    return tuple(found.values())


def _process_of_both(one: ProcessTerms, other: ProcessTerms) -> ProcessTerms:
    return replace(
        one,
        in_sequence=one.in_sequence or other.in_sequence,
        waivers=_waivers_of_both(one.waivers, other.waivers),
        deadlines=one.deadlines or other.deadlines,
        review_before=max(filter(None, (one.review_before, other.review_before)), default=None),
        findings_held=one.findings_held or other.findings_held,
        steps=raised_steps(one.steps, other.steps),
    )


def _waivers_of_both(one: WaiverTerms | None, other: WaiverTerms | None) -> WaiverTerms | None:
    common = tuple(role for role in one.any_of if role in other.any_of) if one and other else ()
    return WaiverTerms(common, min(one.for_at_most, other.for_at_most)) if one and other and common else None


def _glass_of_both(one: BreakGlassTerms | None, other: BreakGlassTerms | None) -> BreakGlassTerms | None:
    """What both allow, to the people whom both let."""
    common = tuple(role for role in one.roles if role in other.roles) if one and other else ()
    if one is None or other is None or not common:
        return None
    overrides = one.overrides_rejection and other.overrides_rejection
    return BreakGlassTerms(common, min(one.for_at_most, other.for_at_most), overrides)
