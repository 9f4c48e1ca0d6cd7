"""Reasons against the evidence that a policy asks for, each with what would resolve it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from placet_approval.domain.evidence import BoundEvidence, run_renewing
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.known_sign_off import KnownSignOff
from placet_approval.domain.policy_terms import EvidenceTerms
from placet_approval.domain.sign_off_binding import Circumstances, age_of, has_another_champion
from placet_approval.domain.subjects import PlanVersion, Verification, newest

__all__ = ["evidence_reasons"]


def evidence_reasons(now: Circumstances, at: datetime, sign_off: KnownSignOff | None = None) -> Iterator[Reason]:
    """Every reason against it.

    For a sign-off the plan versions that it is bound to count until it ends; without one, those in force.
    """
    terms = now.policy.terms.verification
    if terms is None:
        return
    environment = now.policy.terms.environment
    if sign_off is not None and sign_off.binding.evidence:
        for bound in sign_off.binding.evidence:
            run = run_renewing(bound, now.runs)
            yield from _about(run, now, terms, at) if run else [_gone(bound, environment)]
            if run and sign_off.state == "pending" and has_another_champion(run, now):
                yield champion_changed(run, now)
        return
    named = terms.plan
    if (named is not None and named not in {plan.current.name for plan in now.plans}) or not now.plans:
        yield _no_plan(named, environment)
    for plan in now.plans:
        run = now.fresh_run(plan)
        yield from _about(run, now, terms, at) if run else [_missing(plan.current, now.runs, environment)]
        if run and has_another_champion(run, now):
            yield champion_changed(run, now)


def champion_changed(run: Verification, now: Circumstances) -> Reason:
    """It was compared with a version that is not the deployed one any more."""
    environment = now.policy.terms.environment
    return Reason(
        "champion_changed",
        f"The verification by {run.plan} compared this version with {run.champion or 'none'}, and {now.champion or 'none'} is deployed in "
        f"{environment} now.",
        "Run the verification again: it compares with what is deployed, and a sign-off is requested on that.",
        facts={**_named(run.plan), "run_id": run.run_id, "champion": run.champion, "deployed": now.champion},
    )


def _about(run: Verification, now: Circumstances, terms: EvidenceTerms, at: datetime) -> Iterator[Reason]:
    environment = now.policy.terms.environment
    if terms.held_out_required and run.evaluated_on in now.training_data:
        yield _not_held_out(run, environment)
    if not run.passed:
        yield Reason(
            "verification_failed",
            f"The last verification by {run.plan} of this version for {environment} did not pass.",
            "Read the report, register a version that is better, or run the verification again if its failure was not the model's.",
            facts={**_named(run.plan), "run_id": run.run_id, "result_sha256": run.result_sha256},
        )
    elif reason := _stale(run, terms, environment, at):
        yield reason


def _not_held_out(run: Verification, environment: str) -> Reason:
    return Reason(
        "not_held_out",
        f"The verification by {run.plan} was on data that the lineage names as training data; the policy for {environment} asks for "
        "held-out data.",
        "Have a plan published with data that the model was not trained on, verify by it, and request a new sign-off.",
        facts={**_named(run.plan), "run_id": run.run_id, "dataset_sha256": run.evaluated_on},
    )


def _gone(bound: BoundEvidence, environment: str) -> Reason:
    plan = f" by {bound.plan} version {bound.version}" if bound.plan else ""
    return Reason(
        "verification_missing",
        f"The sign-off rests on a verification{plan} for {environment} that is not known here any more.",
        "Verify the version again and request a new sign-off.",
        facts={"plan": bound.plan, "version": bound.version, "run_id": bound.run_id, "result_sha256": bound.result_sha256},
    )


def _no_plan(named: str | None, environment: str) -> Reason:
    which = f"by the plan {named}, which is not in force for this model" if named else "and no plan is in force for this model"
    return Reason(
        "verification_missing",
        f"The policy for {environment} asks for a verification {which}.",
        "Have an admin publish a plan that is for this model: `placet apply -f plan.yaml`.",
        facts={"plan": named},
    )


def _missing(plan: PlanVersion, runs: Sequence[Verification], environment: str) -> Reason:
    if earlier := newest(run for run in runs if run.plan.plan_id == plan.plan_id):
        return Reason(
            "plan_outdated",
            f"The last verification of this version for {environment} was by {earlier.plan}; {plan} is in force.",
            f"Run a verification of this version for {environment} by the plan that is in force.",
            facts={"run_id": earlier.run_id, "run_by": _named(earlier.plan), "in_force": _named(plan)},
        )
    return Reason(
        "verification_missing",
        f"{plan} is in force for this model in {environment}, and this version has no verification by it.",
        f"Run a verification of this version for {environment}.",
        facts=_named(plan),
    )


def _stale(run: Verification, terms: EvidenceTerms, environment: str, at: datetime) -> Reason | None:
    if age_of(run, at) <= terms.max_age.total_seconds():
        return None
    return Reason(
        "verification_stale",
        f"The verification of this version by {run.plan} ended {_days(age_of(run, at))} ago; the policy for {environment} "
        f"accepts {_days(terms.max_age.total_seconds())}.",
        "Run it again: the same result renews the evidence, and the sign-off stays.",
        facts={**_named(run.plan), "run_id": run.run_id, "finished_at": run.finished_at.isoformat()},
    )


def _named(plan: PlanVersion) -> dict[str, str | int]:
    return {"plan": plan.name, "version": plan.version}


def _days(seconds: float) -> str:
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{int(seconds)} seconds"
