"""Until when a yes of the gate may be used: a deployment that comes later asks again."""

from collections.abc import Iterable
from datetime import datetime

from placet_approval.domain.evidence import run_renewing
from placet_approval.domain.known_sign_off import KnownSignOff
from placet_approval.domain.sign_off_binding import Circumstances

__all__ = ["valid_until"]


def valid_until(now: Circumstances, sign_off: KnownSignOff | None, at: datetime, further: Iterable[datetime | None] = ()) -> datetime:
    """The earliest of what the policy allows, the sign-off's expiry and the end of the evidence's age, as far as the policy asks for them.

    `further` are other ends: of the break-glass that lets it in, of the approval in the environment before.

    What is over already, and was only let pass by a lenient mode, does not count.
    """
    terms = now.policy.terms
    ends = [at + terms.decision_valid_for, *(end for end in further if end)]
    if terms.signatures and sign_off and sign_off.expires_at:
        ends.append(sign_off.expires_at)
    bound = sign_off.binding.evidence if terms.signatures and sign_off else ()
    runs = [run for one in bound if (run := run_renewing(one, now.runs))] if bound else now.fresh_runs
    if terms.verification:
        ends += [run.finished_at + terms.verification.max_age for run in runs]
    return min(end for end in ends if end >= at)
