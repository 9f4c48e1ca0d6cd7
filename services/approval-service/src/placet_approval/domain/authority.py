"""The right to sign in another person's place: by a delegation of theirs, or by a reassignment of one sign-off."""

from dataclasses import dataclass

__all__ = ["Authority"]


@dataclass(frozen=True, slots=True)
class Authority:
    """`person_id` is the person in whose place is signed, `roles` are the ones in which that may be done now.

    `delegation_id` is None when a single sign-off was reassigned. `token_issuers` are others who could have given it.
    """

    person_id: str
    roles: frozenset[str]
    delegation_id: str | None = None
    token_issuers: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Under which the roles stand among those who are in office."""
        return self.delegation_id or self.person_id
