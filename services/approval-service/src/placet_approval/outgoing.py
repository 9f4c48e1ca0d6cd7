"""The aggregates whose events this service publishes.

Their contracts are the modules `approval_…` in `placet_shared.contracts`.
"""

from typing import Final

from placet_approval.domain import decisions
from placet_approval.domain.absence import Absence
from placet_approval.domain.access_change import AccessChange
from placet_approval.domain.access_policy import AccessPolicy
from placet_approval.domain.channel import Channel
from placet_approval.domain.delegation import Delegation
from placet_approval.domain.notification_preferences import NotificationPreferences
from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount, ServiceAccountName
from placet_approval.domain.token import Token
from placet_approval.domain.webhook import Webhook

__all__ = ["PUBLISHED", "SOURCE"]

SOURCE: Final = "approval"
PUBLISHED: Final = (
    Person,
    ServiceAccount,
    ServiceAccountName,
    Token,
    AccessPolicy,
    AccessChange,
    Delegation,
    Absence,
    *decisions.AGGREGATES,
    Webhook,
    NotificationPreferences,
    Channel,
)
