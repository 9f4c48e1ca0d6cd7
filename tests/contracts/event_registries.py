"""What each service stores, seen from outside: who crosses services has to know them all."""

from placet_approval import bootstrap as approval
from placet_approval import outgoing as from_approval
from placet_audit import bootstrap as audit
from placet_registry import bootstrap as registry
from placet_registry import outgoing as from_registry
from placet_shared.aggregates import Aggregate, event_classes
from placet_shared.event_store import EventRegistry
from placet_verification import bootstrap as verification
from placet_verification import outgoing as from_verification

SERVICES = (registry, verification, approval, audit)
EVENT_REGISTRIES: dict[str, EventRegistry] = {service.EVENT_REGISTRY.source: service.EVENT_REGISTRY for service in SERVICES}
PUBLISHED: dict[str, tuple[type[Aggregate], ...]] = {
    from_registry.SOURCE: from_registry.PUBLISHED,
    from_verification.SOURCE: from_verification.PUBLISHED,
    from_approval.SOURCE: from_approval.PUBLISHED,
    "audit": (),
}

# They are about no aggregate, and recorded as they happen.
ACTIONS = {"ActionRefused", "GateQuestionsCounted", "ParkedEventRetried", "ParkedEventSkipped", "RestoreReviewed", "TextErased"}


def aggregate_of(source: str, event_type: str) -> type[Aggregate]:
    """The one whose stream holds events of this type."""
    return next(aggregate for aggregate in PUBLISHED[source] if event_type in event_classes(aggregate))
