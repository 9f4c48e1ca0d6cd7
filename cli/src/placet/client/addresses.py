"""Where the services of an installation are."""

from dataclasses import astuple, dataclass
from typing import Self

from placet_shared.settings import CommonSettings

__all__ = ["Addresses"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """One base URL a service."""

    registry: str
    verification: str
    approval: str
    audit: str

    @classmethod
    def of(cls, settings: CommonSettings) -> Self:
        """As `PLACET_REGISTRY_URL` and its like say."""
        return cls(settings.registry_url, settings.verification_url, settings.approval_url, settings.audit_url)

    def __str__(self) -> str:
        return " ".join(astuple(self))
