"""All published events: source → event type → its schema version, the model of its `data`, and what its subject is.

`CATALOGUE` has each event as it is written today, `every_version` also those that stand in logs and are written no more.

`docs/events.md` is made from it; tests hold every service's domain, every stored sample and real feeds to it.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from placet_shared.contracts import ActionRefused, EventData, ParkedEventRetried, ParkedEventSkipped, TextErased
from placet_shared.contracts.approval_access import ACCESS_EVENTS
from placet_shared.contracts.approval_break_glass import BREAK_GLASS_EVENTS
from placet_shared.contracts.approval_channels import CHANNEL_EVENTS
from placet_shared.contracts.approval_decisions import DECISION_EVENTS
from placet_shared.contracts.approval_delegations import DELEGATION_EVENTS
from placet_shared.contracts.approval_directives import DIRECTIVE_EVENTS
from placet_shared.contracts.approval_gate import GATE_EVENTS
from placet_shared.contracts.approval_notifications import NOTIFICATION_EVENTS
from placet_shared.contracts.approval_people import PEOPLE_EVENTS
from placet_shared.contracts.approval_policies import POLICY_EVENTS
from placet_shared.contracts.approval_releases import RELEASE_EVENTS
from placet_shared.contracts.approval_restores import RESTORE_EVENTS
from placet_shared.contracts.approval_rounds import ROUND_EVENTS
from placet_shared.contracts.approval_steps import STEP_EVENTS
from placet_shared.contracts.approval_webhooks import WEBHOOK_EVENTS
from placet_shared.contracts.registry import REGISTRY_EVENTS
from placet_shared.contracts.superseded import SUPERSEDED
from placet_shared.contracts.verification import VERIFICATION_EVENTS

__all__ = ["ANYTHING", "CATALOGUE", "Published", "Subject", "every_version"]

Subject = tuple[str, ...]
"""What an event may be about: model, environment, blob, data set, plan, policy, access policy, person, account, release, webhook or
channel."""

ANYTHING: Final = ("anything",)
MODEL: Final = ("model",)
ACTOR: Final = ("person", "service account")

NOT_A_MODEL: Final[Mapping[str, Subject]] = {
    "BlobStored": ("blob",),
    "DataSetRegistered": ("data set",),
    "EnvironmentDefined": ("environment",),
    "PlanPublished": ("plan",),
    "PlanRevised": ("plan",),
    "PlanWithdrawn": ("plan",),
    "PolicyDefined": ("policy",),
    "FloorDefined": ("policy",),
    "PolicyWithdrawn": ("policy",),
    "GateDecisionMade": ("model", "environment"),
    "GateQuestionsCounted": ACTOR,
    "PersonAdded": ("person",),
    "PersonRolesChanged": ("person",),
    "PersonAddressChanged": ("person",),
    "PersonDeactivated": ("person",),
    "PersonErased": ("person",),
    "ServiceAccountNameReserved": ("service account",),
    "ServiceAccountAdded": ("service account",),
    "ServiceAccountRolesChanged": ("service account",),
    "ServiceAccountDeactivated": ("service account",),
    "DelegationGranted": ("person",),
    "DelegationEnded": ("person",),
    "AbsenceStated": ("person",),
    "AbsenceCleared": ("person",),
    "AccessPolicyDefined": ("access policy",),
    "AccessChangeProposed": ("person", "policy", "access policy"),
    "AccessChangeConfirmed": ("person", "policy", "access policy"),
    "AccessChangeWithdrawn": ("person", "policy", "access policy"),
    "TokenIssued": ACTOR,
    "TokenRevoked": ACTOR,
    "RestoreReviewed": ("person",),
    "ReleaseRequested": ("release",),
    "ReleaseApproved": ("release",),
    "ReleaseEnded": ("release",),
    "NotificationPreferencesChanged": ("person",),
    **dict.fromkeys(WEBHOOK_EVENTS, ("webhook",)),
    **dict.fromkeys(CHANNEL_EVENTS, ("channel",)),
    "ActionRefused": ANYTHING,
    "ParkedEventRetried": ANYTHING,
    "ParkedEventSkipped": ANYTHING,
    "TextErased": ANYTHING,
}


class Published(NamedTuple):
    """An event type as it is written today; `subject` names what it may be about."""

    schema_version: int
    model: type[EventData]
    subject: Subject


EVERYWHERE: Final[Mapping[str, type[EventData]]] = {
    model.__name__: model for model in (ActionRefused, ParkedEventRetried, ParkedEventSkipped, TextErased)
}


def _published(*families: Mapping[str, type[EventData]]) -> dict[str, Published]:
    return {
        name: Published(model.SCHEMA_VERSION, model, NOT_A_MODEL.get(name, MODEL))
        for family in (*families, EVERYWHERE)
        for name, model in family.items()
    }


CATALOGUE: Final[Mapping[str, Mapping[str, Published]]] = {
    "registry": _published(REGISTRY_EVENTS),
    "verification": _published(VERIFICATION_EVENTS),
    "approval": _published(
        PEOPLE_EVENTS,
        ACCESS_EVENTS,
        DELEGATION_EVENTS,
        POLICY_EVENTS,
        DECISION_EVENTS,
        GATE_EVENTS,
        ROUND_EVENTS,
        RELEASE_EVENTS,
        STEP_EVENTS,
        DIRECTIVE_EVENTS,
        BREAK_GLASS_EVENTS,
        RESTORE_EVENTS,
        WEBHOOK_EVENTS,
        NOTIFICATION_EVENTS,
        CHANNEL_EVENTS,
    ),
    "audit": _published(),
}


def every_version(source: str) -> Iterator[tuple[str, Published]]:
    """Event type and what it is, of every schema version that a reader may meet, the oldest first."""
    for name, published in CATALOGUE[source].items():
        for version in range(1, published.schema_version):
            yield name, published._replace(schema_version=version, model=SUPERSEDED[name, version])
        yield name, published
