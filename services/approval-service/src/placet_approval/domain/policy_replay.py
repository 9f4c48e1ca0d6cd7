"""History replayed under a draft: what each past sign-off would have been, had the draft been the policy when it was decided.

What a replay can know, and what it can't:

- It is about sign-offs. A deployment that no sign-off stands for, because a policy only warned or allowed, is in no answer.
- It takes what people did as given: the same people sign at the same time in the same role. People who are asked for more would have done
  more; so *blocked* and *delayed* mean that what happened on that day was not enough, and never that a version would not have come.
- The role that a signature was given in is known, and no other role that its signer had then. Where enough people signed, but not in the
  roles of the draft, the answer is *not known*.
- What a person refused stays refused, unless the draft was met before that person's no.
- The order of environments is that of today; which of them asked for signatures is known for each time. An approval there that was
  suspended and resumed counts as one that was in force all along.
- Evidence is the newest run of each plan before the decision. Which plans were in force then is known only where the sign-off was bound to
  runs of them.
- What the draft says of times to come (who must stay, what happens when a yes ends, break-glass, reminders) changes no past decision.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from placet_approval.domain.involvement import IN_WORDS, excluded_people, names_a_trainer
from placet_approval.domain.past_sign_off import EarlierPolicies, PastSignOff
from placet_approval.domain.policy_terms import PolicyTerms, SignatureTerm
from placet_approval.domain.replayed_evidence import evidence_findings
from placet_approval.domain.replayed_process import before_findings, process_findings
from placet_approval.domain.replayed_reasons import Finding
from placet_approval.domain.sign_off_quorum import Approval, Progress, progress

__all__ = ["Outcome", "Replayed", "Validity", "replay", "valid_signatures"]

Outcome = Literal["same", "blocked", "delayed", "let_through", "not_known"]
Validity = Literal["same", "shorter", "longer"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What would have become of it.

    Of `missing`, by the roles that are known, `surely_missing` signatures are needed whatever other roles the signers had. `excluded` are
    people who could not have signed. `ended_by_now`: it is in force today, and under the draft its time would be over.
    """

    sign_off: PastSignOff
    outcome: Outcome
    findings: Sequence[Finding] = ()
    missing: Sequence[SignatureTerm] = ()
    surely_missing: int = 0
    excluded: Collection[str] = ()
    validity: Validity | None = None
    ended_by_now: bool = False

    @property
    def waits(self) -> timedelta | None:
        """The least time that it takes longer, where the draft asks for time: of several, which run side by side, the longest."""
        return max((finding.waits for finding in self.findings if finding.waits), default=None)


def replay(terms: PolicyTerms, past: PastSignOff, earlier: Sequence[EarlierPolicies], now: datetime) -> Replayed:
    """What `terms` would have made of it; `earlier` are the environments before, nearest first."""
    excluded = excluded_people(past.requester, past.claims, terms.excludes)
    signed = valid_signatures(past, excluded)
    there = progress(terms.signatures, signed)
    findings = [*_quorum(terms, past, there, signed, excluded), *_lineage(terms, past), *evidence_findings(terms, past)]
    findings += [*before_findings(terms, past, earlier), *process_findings(terms, past)]
    if not past.approved:
        return Replayed(past, _undecided(terms, past, findings), findings)
    outcome: Outcome = "same" if terms.mode != "prevent" else _strongest(findings)
    surely = max(terms.signatures_needed - len({one.person_id for one in signed}), 0)
    return Replayed(past, outcome, findings, there.missing, surely, excluded, _validity(terms, past), _ended(terms, past, now))


def valid_signatures(past: PastSignOff, excluded: Mapping[str, object]) -> Sequence[Approval]:
    """Those by people whom the draft would have let sign, also in whose place they were given."""
    return [one for one in past.signatures if not any(person in excluded for person in one.people)]


def _strongest(findings: Sequence[Finding]) -> Outcome:
    """A surely longer way is told before what is not known."""
    effects = {finding.effect for finding in findings}
    order: Sequence[Outcome] = ("blocked", "delayed", "not_known")
    return next((effect for effect in order if effect in effects), "same")


def _undecided(terms: PolicyTerms, past: PastSignOff, findings: Sequence[Finding]) -> Outcome:
    """It was refused, ended or waits: whether the draft was met before that."""
    if terms.mode != "prevent" or not findings:
        return "let_through"
    if past.policy is not None and past.policy.mode != "prevent":
        return "not_known"  # whether it went in without a yes is not in a sign-off's history
    return "not_known" if {finding.effect for finding in findings} == {"not_known"} else "same"


def _validity(terms: PolicyTerms, past: PastSignOff) -> Validity | None:
    if past.policy is None:
        return None
    if terms.expires_after == past.policy.expires_after:
        return "same"
    return "shorter" if terms.expires_after < past.policy.expires_after else "longer"


def _ended(terms: PolicyTerms, past: PastSignOff, now: datetime) -> bool:
    in_force = past.state == "approved" and past.in_force_until is not None and past.in_force_until > now
    return in_force and past.at + terms.expires_after <= now


def _lineage(terms: PolicyTerms, past: PastSignOff) -> Iterator[Finding]:
    if terms.lineage_required and not names_a_trainer(past.claims):
        yield Finding("lineage_missing", "no trainer was named")


def _quorum(
    terms: PolicyTerms, past: PastSignOff, there: Progress, signed: Sequence[Approval], excluded: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    if there.complete:
        if terms.process.in_sequence and not _in_sequence(terms.signatures, signed):
            yield Finding("signed_in_another_order", "people signed in another order")
        return
    with_all = progress(terms.signatures, past.signatures) if len(signed) < len(past.signatures) else there
    if sum(with_all.have) > sum(there.have):
        yield _excluded(past, signed, excluded)
    if not with_all.complete:
        yield from _missing(terms, past, with_all.missing, signed)


def _excluded(past: PastSignOff, signed: Sequence[Approval], excluded: Mapping[str, Sequence[str]]) -> Finding:
    people = sorted({person for one in past.signatures if one not in signed for person in one.people if person in excluded})
    because = sorted({IN_WORDS[part] for person in people for part in excluded[person]})
    return Finding("signer_excluded", f"a signer {', '.join(because)}", people=tuple(people))


def _missing(terms: PolicyTerms, past: PastSignOff, missing: Sequence[SignatureTerm], signed: Sequence[Approval]) -> Iterator[Finding]:
    """Surely missing is only what the people who may sign and did could not give, whatever roles they had."""
    if len({one.person_id for one in signed}) >= terms.signatures_needed:
        asked = ", ".join(str(term) for term in missing)
        yield Finding("role_not_known", f"people enough signed, and whether one of them could have given {asked} is not known")
        return
    roles = {one.role for one in past.signatures}
    for term in missing:
        if roles.isdisjoint(term.any_of):
            yield Finding("role_missing", f"no signature of a {' or '.join(term.any_of)}", asks=str(term))
        else:
            yield Finding("more_signatures", f"{term} more", asks=str(term))


def _in_sequence(terms: Sequence[SignatureTerm], signed: Sequence[Approval]) -> bool:
    """Whether each signature came when its term was the first that was not met."""
    accepted: list[Approval] = []
    for one in signed:
        missing = progress(terms, accepted).missing
        if missing and one.role not in missing[0].any_of:
            return False
        accepted.append(one)
    return True
