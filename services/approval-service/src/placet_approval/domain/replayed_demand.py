"""Whom a draft would have asked more often: roles by the sign-offs of the past, people by the roles that they hold today."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from placet_approval.domain.policy_replay import Replayed
from placet_approval.domain.policy_terms import PolicyTerms

__all__ = ["AskedPerson", "AskedRoles", "Demand"]

Asked = frozenset[str]


@dataclass(frozen=True, slots=True)
class AskedRoles:
    """People with one of the roles `any_of`: how many signatures or answers were asked for, and would have been."""

    any_of: Sequence[str]
    feedback: bool
    then: int
    with_draft: int


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """A person who holds one of the draft's roles today.

    `signed` of the approvals are signed by them. In `may_be_asked` of them a signature would have been missing that they could give, in
    `must_be_asked` there are no more such people than missing signatures.
    """

    person_id: str
    signed: int
    may_be_asked: int
    must_be_asked: int


class Demand:
    """Counts sign-off by sign-off; what one costs does not depend on how many people hold the roles.

    People are counted for approvals alone: one that was never given would have needed more people than signed in any case.
    """

    def __init__(self, terms: PolicyTerms, holders: Mapping[str, frozenset[str]]) -> None:
        self._terms = terms
        self._holders = holders
        self._then: Counter[tuple[Asked, bool]] = Counter()
        self._sign_offs = 0
        self._signed: Counter[str] = Counter()
        self._missing: Counter[Asked] = Counter()
        self._not_eligible: Counter[tuple[Asked, str]] = Counter()
        self._must: Counter[str] = Counter()
        self._of_roles: dict[Asked, frozenset[str]] = {}
        self.without_people = 0
        """Approvals for which fewer people than missing signatures hold the roles today."""

    def add(self, replayed: Replayed) -> None:
        """One more sign-off."""
        past = replayed.sign_off
        self._sign_offs += 1
        for term in past.terms:
            self._then[frozenset(term.any_of), False] += term.count
        for group in past.policy.process.feedback if past.policy else ():
            self._then[frozenset(group.any_of), True] += group.count
        if past.approved:
            self._signed.update(one.person_id for one in past.signatures)
            if replayed.surely_missing:
                self._ask(replayed)

    def roles(self) -> Sequence[AskedRoles]:
        """Those who would have been asked more often first."""
        now: Counter[tuple[Asked, bool]] = Counter()
        for term in self._terms.signatures:
            now[frozenset(term.any_of), False] += term.count * self._sign_offs
        for group in self._terms.process.feedback:
            now[frozenset(group.any_of), True] += group.count * self._sign_offs
        found = [AskedRoles(sorted(roles), feedback, self._then[roles, feedback], now[roles, feedback]) for roles, feedback in
                 {**self._then, **now}]  # fmt: skip
        return sorted(found, key=lambda one: (one.then - one.with_draft, one.any_of, one.feedback))

    def people(self) -> Sequence[AskedPerson]:
        """Those who may be asked more often first; people who would not have been asked are left out."""
        found = [AskedPerson(person, self._signed[person], self._may(person), self._must[person]) for person in self._holders]
        return sorted((one for one in found if one.may_be_asked), key=lambda one: (-one.must_be_asked, -one.may_be_asked, one.person_id))

    def _may(self, person: str) -> int:
        asked = (roles for roles in self._missing if not roles.isdisjoint(self._holders[person]))
        return sum(self._missing[roles] - self._not_eligible[roles, person] for roles in asked)

    def _ask(self, replayed: Replayed) -> None:
        roles = frozenset(role for term in replayed.missing for role in term.any_of)
        involved = {*replayed.excluded, *(person for one in replayed.sign_off.signatures for person in one.people)}
        out = {person for person in involved if not roles.isdisjoint(self._holders.get(person, ()))}
        self._missing[roles] += 1
        self._not_eligible.update((roles, person) for person in out)
        left = len(self._those_holding(roles)) - len(out)
        if left < replayed.surely_missing:
            self.without_people += 1
        if left <= replayed.surely_missing:
            self._must.update(self._those_holding(roles) - out)

    def _those_holding(self, roles: Asked) -> frozenset[str]:
        """There are as many different sets of missing roles as a draft has terms left open, which are few."""
        if roles not in self._of_roles:
            self._of_roles[roles] = frozenset(person for person, held in self._holders.items() if not roles.isdisjoint(held))
        return self._of_roles[roles]
