"""Settings of audit-service, besides those of every service."""

from typing import ClassVar

from placet_shared.settings import ServiceSettings

__all__ = ["AuditSettings"]


class AuditSettings(ServiceSettings):
    """`PLACET_AUDIT_…`"""

    SOURCE: ClassVar[str] = "audit"
