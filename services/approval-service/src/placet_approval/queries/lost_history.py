"""Denials after this service lost a branch of its history, read in the snapshot of a gate decision (rule 28)."""

from collections.abc import Iterable
from typing import Any

import orjson

from placet_approval.domain.gate_facts import GateFacts
from placet_approval.domain.gate_reasons import Reason

__all__ = ["LOST", "lost_reasons"]

# Acts that have no effect on other decisions.
HARMLESS = (
    "ActionRefused", "DirectiveIssued", "DirectiveResolved", "GateQuestionsCounted", "ParkedEventRetried", "ParkedEventSkipped",
    "RestoreReviewed", "TextErased",
)  # fmt: skip
# A lost event of a model concerns every model that has the same bytes; `other` is for people, tokens and policies.
LOST = f"""
    (select json_build_object(
        'unlisted', exists (select from lost_branches where reviewed_at is null and listed_at is null),
        'other', exists (select from lost_events where reviewed_at is null and model_id is null and type not in {HARMLESS}),
        'models', (select json_agg(m.model_id) from (
            select model_id from lost_events where reviewed_at is null and model_id is not null and type not in {HARMLESS}
            union
            select w.model_id from lost_events l join known_versions v on v.model_id = l.model_id
            join known_versions w on w.artifact_sha256 = v.artifact_sha256
            where l.reviewed_at is null and l.type not in {HARMLESS}
        ) m)
    )) as lost
"""


def lost_reasons(lost: str, facts: GateFacts) -> Iterable[Reason]:
    """None when no lost event could concern this decision; with no candidate, or several, any model could be meant."""
    found: dict[str, Any] = orjson.loads(lost)
    models = set(found["models"] or ())
    meant = {candidate.version.model_id for candidate in facts.candidates}
    if found["unlisted"] or found["other"] or models & meant or (models and len(meant) != 1):
        yield Reason(
            "history_lost",
            "approval-service was restored from a copy and lost acts that concern this decision; they may have taken something away.",
            "Have an admin review what was lost (`placet restore show`) and apply it (`placet restore apply`), then ask again.",
            "knowledge",
            {"source": "approval", "listed": not found["unlisted"]},
        )
