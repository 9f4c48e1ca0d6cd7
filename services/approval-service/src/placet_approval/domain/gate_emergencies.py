"""What break-glass means to the gate: the debt that it leaves is a reason for no, an open one lets in what the policy would not."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from placet_approval.domain.break_glass import Glass
from placet_approval.domain.gate_facts import Candidate
from placet_approval.domain.gate_reasons import Reason
from placet_approval.domain.known_sign_off import standing_noes
from placet_approval.domain.sign_off_binding import Circumstances

__all__ = ["debt_reasons", "glass_for"]


def debt_reasons(candidate: Candidate, environment: str, at: datetime) -> Iterator[Reason]:
    """Debts of the model and of the bytes; not that of a break-glass which is open for them, which lets them in anyway."""
    own = {glass.debt_id for glass in _open_for(candidate, at)}
    due = [debt for debt in candidate.debts if debt.debt_id not in own]
    if due:
        yield Reason(
            "retrospective_due",
            f"A break-glass let this model or these bytes into {environment}, and its review is not signed.",
            "Have people who had no part in it review it: `placet debts list`, `placet debts review ID --review TEXT`.",
            facts={"debt_ids": sorted(debt.debt_id for debt in due), "glass_ids": sorted(debt.glass_id for debt in due)},
        )


def glass_for(candidate: Candidate, now: Circumstances, at: datetime) -> Glass | None:
    """The break-glass that lets this version in, in spite of its policy's reasons; the one that ends last.

    None when the policy of now knows no break-glass. A no on the bytes stays a no until other people approved them, unless the policy
    says otherwise: a new request, which shows it, answers it only for those who sign.
    """
    terms = now.policy.terms.break_glass
    if terms is None or (_rejected(candidate, now) and not terms.overrides_rejection):
        return None
    return max(_open_for(candidate, at), key=lambda glass: glass.ends_at, default=None)


def _open_for(candidate: Candidate, at: datetime) -> Sequence[Glass]:
    """Exactly these bytes, of the model for which it was opened."""
    is_for = (candidate.version.model_id, candidate.version.artifact_sha256)
    return [glass for glass in candidate.glasses if (glass.model_id, glass.artifact_sha256) == is_for and glass.is_open(at)]


def _rejected(candidate: Candidate, now: Circumstances) -> bool:
    """Noes that no approval has answered; a request alone answers none here. A suspension is no rejection."""
    approved = next((one for one in candidate.sign_offs if one.state == "approved"), None)
    return not all(no.holds for no in (standing_noes(approved, now) if approved else now.noes))
