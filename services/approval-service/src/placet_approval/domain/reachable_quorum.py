"""What keeps a policy from ever being met as things are now: its environment, its roles, the number of its signers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyTerms, SignatureTerm

__all__ = ["Obstacle", "SignerGroup", "most_signatures", "obstacles"]


@dataclass(frozen=True, slots=True)
class SignerGroup:
    """`count` active people who have these of the policy's roles."""

    roles: frozenset[str]
    count: int


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no sign-off can be approved under the policy, and what would help; the policy may be defined all the same."""

    code: str
    detail: str
    resolve: str


def obstacles(terms: PolicyTerms | FloorTerms, environment_known: bool, signers: Sequence[SignerGroup]) -> Iterator[Obstacle]:
    """None of them says that a sign-off will be approved: who requests it, and who had a part in the version, can't sign it."""
    if not environment_known:
        yield Obstacle(
            "environment_not_defined",
            f"There is no environment {terms.environment}, so the policy protects nothing.",
            f"Check its name, or define it: `placet environments define {terms.environment}`.",
        )
    held = {role for group in signers if group.count for role in group.roles}
    missing = sorted(terms.named_roles - held)
    for role in missing:
        yield Obstacle(
            "role_without_people",
            f"No active person has the role {role}.",
            f"Give it to people: `placet people roles NAME --role {role}`, with the roles that they keep.",
        )
    unmet = [str(term) for term in terms.signatures if held.isdisjoint(term.any_of)]
    needed = sum(term.count for term in terms.signatures)
    if (reached := most_signatures(terms.signatures, signers)) < needed:
        because = f": {', '.join(unmet)}" if unmet else ""
        yield Obstacle(
            "quorum_out_of_reach",
            f"The policy needs {needed} signatures of distinct people; the people there are could give {reached}{because}.",
            "Give more people the roles that sign, or ask for fewer signatures.",
        )


def most_signatures(terms: Sequence[SignatureTerm], signers: Sequence[SignerGroup]) -> int:
    """Each person signs once, in one of their roles: a maximum matching of places with people (Kuhn's augmenting paths)."""
    taken: list[list[SignatureTerm]] = [[] for _ in signers]

    def seat(term: SignatureTerm, tried: set[int]) -> bool:
        for place, group in enumerate(signers):
            if place in tried or group.roles.isdisjoint(term.any_of):
                continue
            tried.add(place)
            if len(taken[place]) < group.count:
                taken[place].append(term)
                return True
            for index, seated in enumerate(taken[place]):
                if seat(seated, tried):
                    taken[place][index] = term
                    return True
        return False

    return sum(seat(term, set()) for term in terms for _ in range(term.count))
