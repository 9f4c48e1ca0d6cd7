"""A version whose way to an environment has a step that a person completes, and a model that is judged."""

import json
from typing import Any

PROCESS: dict[str, Any] = {
    "kind": "Policy",
    "environment": "flight",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}],
    "steps": [
        {"name": "intake", "owner": "business", "completed_by": {"event": "registered"}},
        {"name": "data-review", "owner": "data-office", "completed_by": {"role": "risk-officer"}, "due_after": "5d"},
    ],
}


def people_complete_steps(people: Any, model: str) -> None:
    carol, dora = people.as_("carol").approval, people.as_("dora")
    dora.registry.qualify_model(model, "It decides who is called.", risk_tier="high", value="medium")
    dora.registry.define_environment("flight", "test")
    dora.approval.define_policy(json.dumps(PROCESS))
    [_, review] = carol.steps(model, 1, "flight").steps
    assert review.state == "current", review
    assert carol.complete_step(model, 1, "flight", "data-review", "No leakage.", ["a" * 64]).complete
    assert dora.approval.reopen_step(model, 1, "flight", "data-review", "It was another month's.").steps == ("data-review",)
    [row] = carol.board(model=model, step="data-review", risk_tier="high").items
    assert {place.current_step.name for place in row.places if place.current_step} == {"data-review"}, row
