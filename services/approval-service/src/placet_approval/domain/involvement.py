"""Claims about who had a part in an artifact's bytes: made about any version, they only ever add people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from placet_approval.domain.policy_terms import Involvement

__all__ = ["IN_WORDS", "Claim", "claims_against", "excluded_people", "names_a_trainer"]

IN_WORDS: Mapping[str, str] = {
    "requester": "requested this sign-off",
    "registrar": "registered a version with these bytes",
    "trainer": "trained the model",
    "data_preparer": "prepared its data",
    "signer": "signed this sign-off",
}


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """`person_id` had this part in the bytes, says `claimed_by`; a registrar's own part is a claim about oneself."""

    person_id: str
    part: Involvement
    claimed_by: str

    @property
    def about_oneself(self) -> bool:
        """A claim about oneself can't be another person's attempt to exclude one."""
        return self.person_id == self.claimed_by

    def content(self) -> dict[str, str]:
        """Plain JSON."""
        return {"person_id": self.person_id, "because": self.part, "claimed_by": self.claimed_by}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The opposite of `content`."""
        return cls(content["person_id"], content["because"], content["claimed_by"])


def excluded_people(requester: str, claims: Iterable[Claim], excludes: Iterable[Involvement]) -> dict[str, tuple[Involvement, ...]]:
    """The people who may not sign, with all reasons; the requester is always among them."""
    enforced = {*excludes, "requester"}
    people: dict[str, tuple[Involvement, ...]] = {requester: ("requester",)}
    for claim in claims:
        if claim.part in enforced and claim.part not in people.get(claim.person_id, ()):
            people[claim.person_id] = (*people.get(claim.person_id, ()), claim.part)
    return people


def claims_against(signers: Iterable[str], claims: Iterable[Claim], excludes: Iterable[Involvement]) -> Sequence[Claim]:
    """The claims that would have kept one of the signers from signing."""
    signed, enforced = set(signers), set(excludes)
    return sorted(claim for claim in claims if claim.person_id in signed and claim.part in enforced)


def names_a_trainer(claims: Iterable[Claim]) -> bool:
    """Whether a trainer of these bytes is known; the registry accepts only people as trainers."""
    return any(claim.part == "trainer" for claim in claims)
