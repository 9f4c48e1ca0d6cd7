"""The read model: which rows an event leads to; a row and its event commit together. `known` has the rows from other services' events.

event                                              → rows
PersonAdded …, ServiceAccountAdded …, TokenIssued …  people, service_accounts, tokens
PolicyDefined                                        policies
SignOffRequested …, ApprovalGranted …, CommentAdded  sign_offs, approvals, sign_off_acts
SignOffRejected, SignOffRevoked, ArtifactRejected    standing_noes
SignOffApproved, and each end of a sign-off          signed_endings
GateDecisionMade                                     gate_decisions
WebhookAdded …                                       webhooks
NotificationPreferencesChanged                       notification_preferences
"""

from collections.abc import Mapping

from placet_approval.projections.decisions import GATE_ROWS, POLICY_ROWS
from placet_approval.projections.notifications import NOTIFICATION_ROWS
from placet_approval.projections.people import PEOPLE_ROWS
from placet_approval.projections.sign_offs import SIGN_OFF_ROWS
from placet_approval.projections.signed_endings import with_signed_endings
from placet_approval.projections.webhooks import WEBHOOK_ROWS
from placet_shared.event_store import Part, projection_of

__all__ = ["PARTS", "project"]

PARTS: Mapping[str, Part] = {
    "people": Part(["people", "service_accounts", "tokens"], PEOPLE_ROWS),
    "policies": Part(["policies"], POLICY_ROWS),
    "sign-offs": Part(["sign_offs", "approvals", "sign_off_acts", "standing_noes", "signed_endings"], with_signed_endings(SIGN_OFF_ROWS)),
    "gate-decisions": Part(["gate_decisions"], GATE_ROWS),
    "webhooks": Part(["webhooks"], WEBHOOK_ROWS),
    "notifications": Part(["notification_preferences"], NOTIFICATION_ROWS),
}

project = projection_of(*PARTS.values())
