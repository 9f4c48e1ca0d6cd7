"""What a draft would have had against the evidence of a past sign-off."""

from collections.abc import Iterator, Sequence

from placet_approval.domain.past_sign_off import PastRun, PastSignOff
from placet_approval.domain.policy_terms import EvidenceTerms, PolicyTerms
from placet_approval.domain.replayed_reasons import Finding

__all__ = ["evidence_findings"]


def evidence_findings(terms: PolicyTerms, past: PastSignOff) -> Iterator[Finding]:
    """As of the decision: each plan by its newest run before it, of those that the sign-off rests on, or of all where it rests on none."""
    wanted = terms.verification
    if wanted is None:
        return
    counted = _counted(wanted, past.runs)
    if wanted.plan and not any(run.plan == wanted.plan for run in counted):
        yield Finding("verification_missing", f"no verification by {wanted.plan}", asks=wanted.plan)
    elif not counted:
        yield Finding("verification_missing", "no verification")
    if failed := [run.plan for run in counted if not run.passed]:
        yield Finding("verification_missing", f"the newest verification by {', '.join(sorted(failed))} had failed")
    if counted and (age := past.at - min(run.finished_at for run in counted)) > wanted.max_age:
        yield Finding("verification_stale", f"evidence was {age.days} days old" if age.days else f"evidence was {age} old")
    yield from _held_out(wanted, counted)


def _counted(wanted: EvidenceTerms, runs: Sequence[PastRun]) -> Sequence[PastRun]:
    bound = [run for run in runs if run.bound]
    return [run for run in runs if not bound or run.bound or run.plan == wanted.plan]


def _held_out(wanted: EvidenceTerms, counted: Sequence[PastRun]) -> Iterator[Finding]:
    if not wanted.held_out_required:
        return
    if any(run.held_out is False for run in counted):
        yield Finding("not_held_out", "verified on its training data")
    elif any(run.held_out is None for run in counted):
        yield Finding("data_not_known", "on which data it was verified is not known")
