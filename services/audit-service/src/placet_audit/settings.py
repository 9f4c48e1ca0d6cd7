"""What audit-service is told by its environment, besides what every service is told."""

from typing import ClassVar

from placet_shared.settings import ServiceSettings

__all__ = ["AuditSettings"]


class AuditSettings(ServiceSettings):
    """`PLACET_AUDIT_…`"""

    SOURCE: ClassVar[str] = "audit"
