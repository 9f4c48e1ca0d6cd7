"""The read model: which rows an event leads to; a row and its event commit together. `known` has the rows from other services' events.

event                                              → rows
PersonAdded …, ServiceAccountAdded …, TokenIssued …  people, service_accounts, tokens
AccessPolicyDefined, AccessChangeProposed …          access_policies, access_changes
DelegationGranted, DelegationEnded                   delegations
AbsenceStated, AbsenceCleared                        absences
PolicyDefined, FloorDefined, PolicyWithdrawn         policies
SignOffRequested …, ApprovalGranted …, CommentAdded  sign_offs, approvals, sign_off_acts
SignOffReassigned                                    reassignments
ReleaseRequested, ReleaseApproved, ReleaseEnded      releases
SignOffRejected, SignOffRevoked, ArtifactRejected    standing_noes
ArtifactHeld, ArtifactHoldLifted                       standing_noes
SignOffApproved, and each end of a sign-off          signed_endings
StepCompleted, StepReopened                          completed_steps
GateDecisionMade                                     gate_decisions
DirectiveIssued, DirectiveResolved                   directives
BreakGlassOpened, DebtIncurred, DebtReviewed …       break_glasses, debts, debt_reviews
WebhookAdded …                                       webhooks
NotificationPreferencesChanged                       notification_preferences
ChannelAdded …                                       channels
"""

from collections.abc import Mapping

from placet_approval.projections.absences import ABSENCE_ROWS
from placet_approval.projections.access import ACCESS_ROWS
from placet_approval.projections.break_glass import BREAK_GLASS_ROWS
from placet_approval.projections.channels import CHANNEL_ROWS
from placet_approval.projections.decisions import GATE_ROWS, POLICY_ROWS
from placet_approval.projections.delegations import DELEGATION_ROWS
from placet_approval.projections.directives import DIRECTIVE_ROWS
from placet_approval.projections.notifications import NOTIFICATION_ROWS
from placet_approval.projections.people import PEOPLE_ROWS
from placet_approval.projections.releases import RELEASE_ROWS
from placet_approval.projections.sign_offs import SIGN_OFF_ROWS
from placet_approval.projections.signed_endings import with_signed_endings
from placet_approval.projections.steps import STEP_ROWS
from placet_approval.projections.webhooks import WEBHOOK_ROWS
from placet_shared.event_store import Part, projection_of

__all__ = ["PARTS", "project"]

PARTS: Mapping[str, Part] = {
    "people": Part(["people", "service_accounts", "tokens"], PEOPLE_ROWS),
    "access": Part(["access_policies", "access_changes"], ACCESS_ROWS),
    "delegations": Part(["delegations"], DELEGATION_ROWS),
    "absences": Part(["absences"], ABSENCE_ROWS),
    "policies": Part(["policies"], POLICY_ROWS),
    "sign-offs": Part(
        ["sign_offs", "approvals", "sign_off_acts", "standing_noes", "reassignments", "signed_endings"], with_signed_endings(SIGN_OFF_ROWS)
    ),
    "releases": Part(["releases"], RELEASE_ROWS),
    "steps": Part(["completed_steps"], STEP_ROWS),
    "gate-decisions": Part(["gate_decisions"], GATE_ROWS),
    "directives": Part(["directives"], DIRECTIVE_ROWS),
    "break-glass": Part(["break_glasses", "debts", "debt_reviews"], BREAK_GLASS_ROWS),
    "webhooks": Part(["webhooks"], WEBHOOK_ROWS),
    "notifications": Part(["notification_preferences"], NOTIFICATION_ROWS),
    "channels": Part(["channels"], CHANNEL_ROWS),
}

project = projection_of(*PARTS.values())
