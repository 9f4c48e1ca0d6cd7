"""The sum of a replay: how many past sign-offs a draft would have changed and why, some of each kind, and whom it asks more often."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from placet_approval.domain.past_sign_off import EarlierPolicies, PastSignOff
from placet_approval.domain.policy_replay import Outcome, Replayed, Validity, replay
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.replayed_demand import Demand
from placet_approval.domain.replayed_reasons import ReplayReason

__all__ = ["ReplaySummary", "every_model", "not_replayed"]


def every_model(past: PastSignOff) -> bool:
    """The filter of a policy that is for all models."""
    return True


class ReplaySummary:
    """Takes past sign-offs piece by piece, the newest first, and keeps no more of them than `examples` of each outcome."""

    def __init__(
        self,
        terms: PolicyTerms,
        earlier: Sequence[EarlierPolicies],
        holders: Mapping[str, frozenset[str]],
        now: datetime,
        *,
        examples: int,
        selected: Callable[[PastSignOff], bool] = every_model,
    ) -> None:
        self._terms = terms
        self._earlier = earlier
        self._now = now
        self._selected = selected
        self._most_examples = examples
        self.demand = Demand(terms, holders)
        self.replayed = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.reasons: Counter[ReplayReason] = Counter()
        self.validity: Counter[Validity] = Counter()
        self.ended_by_now = 0
        self.examples: dict[Outcome, list[Replayed]] = {"blocked": [], "delayed": [], "let_through": [], "not_known": []}

    def add(self, sign_offs: Iterable[PastSignOff]) -> None:
        """Some more of them."""
        for past in sign_offs:
            if self._selected(past):
                self._add(replay(self._terms, past, self._earlier, self._now))

    def _add(self, one: Replayed) -> None:
        self.replayed += 1
        self.outcomes[one.outcome] += 1
        self.demand.add(one)
        self.ended_by_now += one.ended_by_now
        if one.validity:
            self.validity[one.validity] += 1
        if one.outcome in ("blocked", "delayed", "not_known"):
            self.reasons.update({finding.reason for finding in one.findings})
        kept = self.examples.get(one.outcome)
        if kept is not None and len(kept) < self._most_examples:
            kept.append(one)


def not_replayed(terms: PolicyTerms) -> Sequence[str]:
    """Fields of the draft that change no past decision, or of which history does not tell what they would have changed."""
    fields = {
        "signers_must_stay": terms.signers_must_stay,
        "break_glass": terms.break_glass is not None,
        "owner": terms.owner is not None,
        "when_a_yes_ends": terms.when_a_yes_ends != "alert",
        "review_before": terms.process.review_before is not None,
        "waivers": terms.process.waivers is not None and not terms.process.findings_held,
        "rationale": terms.rationale_required,
    }
    return [name for name, said in fields.items() if said]
