"""The quorum: distinct people, each counted once, each in one role."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from placet_approval.domain.policy_terms import SignatureTerm

__all__ = ["Approval", "Progress", "progress"]


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's signature in one role; `token_issuers` are others who could have given it.

    `on_behalf_of` is the person in whose place it was given, by the delegation `delegation_id` or by a reassignment.
    """

    person_id: str
    role: str
    token_issuers: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    delegation_id: str | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Who signed, and in whose place: both have taken part, and count once together."""
        return (self.person_id,) if self.on_behalf_of is None else (self.person_id, self.on_behalf_of)

    @property
    def authority(self) -> str:
        """Whose roles it rests on: the delegation, the person in whose place it was given, or the signer."""
        return self.delegation_id or self.on_behalf_of or self.person_id


@dataclass(frozen=True, slots=True)
class Progress:
    """The quorum's progress: `have[i]` of `terms[i].count` are there."""

    terms: tuple[SignatureTerm, ...]
    have: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether no signature is missing."""
        return not self.missing

    @property
    def missing(self) -> tuple[SignatureTerm, ...]:
        """The signatures that are missing."""
        return tuple(
            SignatureTerm(term.any_of, term.count - have) for term, have in zip(self.terms, self.have, strict=True) if have < term.count
        )


def progress(terms: Sequence[SignatureTerm], approvals: Iterable[Approval]) -> Progress:
    """Count each signature towards one term, so that as many terms as possible are met.

    This is a maximum bipartite matching of signatures with places (Kuhn's augmenting paths): with the terms "one reviewer"
    and "one reviewer or risk-officer", it does not matter in which order the two of them come.
    """
    places = [index for index, term in enumerate(terms) for _ in range(term.count)]
    signatures = list({approval.person_id: approval for approval in approvals}.values())
    taken: dict[int, int] = {}

    def seat(signature: int, tried: set[int]) -> bool:
        for place, term in enumerate(places):
            if place in tried or signatures[signature].role not in terms[term].any_of:
                continue
            tried.add(place)
            if place not in taken or seat(taken[place], tried):
                taken[place] = signature
                return True
        return False

    for signature in range(len(signatures)):
        seat(signature, set())
    return Progress(tuple(terms), tuple(sum(places[place] == index for place in taken) for index in range(len(terms))))


def would_count(terms: Sequence[SignatureTerm], approvals: Sequence[Approval], role: str) -> bool:
    """Whether one more person's signature in `role` brings the quorum nearer."""
    now = progress(terms, approvals)
    then = progress(terms, [*approvals, Approval("", role)])
    return sum(then.have) > sum(now.have)
