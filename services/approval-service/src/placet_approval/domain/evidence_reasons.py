"""Reasons against the evidence that a policy asks for, each with what would resolve it."""

from datetime import datetime

from placet_approval.domain.evidence import run_renewing
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.known_sign_off import KnownSignOff
from placet_approval.domain.policy_terms import EvidenceTerms
from placet_approval.domain.sign_off_binding import Circumstances, age_of
from placet_approval.domain.subjects import PlanVersion, Verification, newest

__all__ = ["evidence_reason"]


def evidence_reason(now: Circumstances, at: datetime, sign_off: KnownSignOff | None = None) -> Reason | None:
    """The reason against it, or None.

    For a sign-off the plan version that it is bound to counts until it ends; without one, the version in force.
    """
    terms = now.policy.terms.verification
    if terms is None:
        return None
    bound = sign_off is not None and bool(sign_off.binding.evidence)
    run = run_renewing(sign_off.binding.evidence, terms, now.runs) if sign_off and bound else now.fresh_run
    environment = now.policy.terms.environment
    if run is None:
        return _missing(now, terms, environment)
    if not run.passed:
        return Reason(
            "verification_failed",
            f"The last verification by {run.plan} of this version for {environment} did not pass.",
            "Read the report, register a version that is better, or run the verification again if its failure was not the model's.",
            facts={"run_id": run.run_id, "result_sha256": run.result_sha256},
        )
    return _stale(run, terms, environment, at)


def _missing(now: Circumstances, terms: EvidenceTerms, environment: str) -> Reason:
    asked = [run for run in now.runs if terms.plan is None or run.plan.name == terms.plan]
    if (earlier := newest(asked)) and now.plan:
        return Reason(
            "plan_outdated",
            f"The last verification of this version for {environment} was by {earlier.plan}; {now.plan} is in force.",
            f"Run a verification of this version for {environment} by the plan that is in force.",
            facts={
                "run_id": earlier.run_id,
                "run_by": _named(earlier.plan),
                "in_force": _named(now.plan),
            },
        )
    plan = f" by the plan {terms.plan}" if terms.plan else ""
    return Reason(
        "verification_missing",
        f"The policy for {environment} asks for a verification{plan}, and this version has none.",
        f"Run a verification of this version for {environment}{plan}.",
    )


def _stale(run: Verification, terms: EvidenceTerms, environment: str, at: datetime) -> Reason | None:
    if age_of(run, at) <= terms.max_age.total_seconds():
        return None
    return Reason(
        "verification_stale",
        f"The verification of this version ended {_days(age_of(run, at))} ago; the policy for {environment} "
        f"accepts {_days(terms.max_age.total_seconds())}.",
        "Run it again: the same result renews the evidence, and the sign-off stays.",
        facts={"run_id": run.run_id, "finished_at": run.finished_at.isoformat()},
    )


def _named(plan: PlanVersion) -> dict[str, str | int]:
    return {"plan": plan.name, "version": plan.version}


def _days(seconds: float) -> str:
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{int(seconds)} seconds"
