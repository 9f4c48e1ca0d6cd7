"""The aggregates whose events this service publishes.

Their contracts are `placet_shared.contracts.approval_people` and `placet_shared.contracts.approval_decisions`.
"""

from typing import Final

from placet_approval.domain import decisions
from placet_approval.domain.person import Person
from placet_approval.domain.service_account import ServiceAccount, ServiceAccountName
from placet_approval.domain.token import Token

__all__ = ["PUBLISHED", "SOURCE"]

SOURCE: Final = "approval"
PUBLISHED: Final = (Person, ServiceAccount, ServiceAccountName, Token, *decisions.AGGREGATES)
