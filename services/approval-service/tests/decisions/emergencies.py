"""An emergency at the bank: who is on call, what the policy lets them do, and glass that is broken."""

from typing import Any

import httpx

from placet_approval.commands.issue_directive import keep_directives
from placet_shared.identifiers import new_id

from ..conftest import Caller
from .conftest import ARTIFACT, Bank

__all__ = ["EMERGENCY", "POLICY", "REVIEW", "breaks_glass", "deployed", "directives", "on_call"]

POLICY: dict[str, Any] = {
    "kind": "Policy",
    "environment": "prod",
    "previous_environment": "optional",
    "signatures": [{"role": "reviewer"}, {"role": "risk-officer"}],
    "evidence": {"verification": {}},
    "break_glass": {"roles": ["on-call"]},
}
EMERGENCY: dict[str, Any] = {
    "environment": "prod", "digest": ARTIFACT, "incident": "INC-2041", "reason": "Version 6 declines every card payment."
}  # fmt: skip
REVIEW = {"review": "The signature would have come an hour later."}


async def on_call(bank: Bank, **policy: Any) -> Caller:
    """A person on call who has just signed in, under a policy that lets them."""
    answer = await bank.dora.post("/v1/policies", {**POLICY, **policy})
    assert answer.status_code in (200, 201), answer.text
    return await bank.service.person(f"olga-{new_id()[-8:]}", "on-call")


async def breaks_glass(olga: Caller, **changes: Any) -> dict[str, Any]:
    """Opened, with the ids of the glass and of its debt."""
    answer = await olga.post("/v1/break-glass", {name: value for name, value in {**EMERGENCY, **changes}.items() if value is not None})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def deployed(bank: Bank, sha256: str = ARTIFACT, version_id: str = "") -> str:
    """A deployment in prod that registry has been told of."""
    id = new_id()
    where = {"deployment_id": id, "environment": "prod", "model_id": bank.model_id}
    reported = {**where, "version_id": version_id or bank.version_id, "sha256": sha256, "permit_id": None}
    await bank.hears("registry", "DeploymentReported", reported)
    return id


async def directives(bank: Bank, state: str = "open") -> list[dict[str, Any]]:
    """After the keeper has looked."""
    await keep_directives(bank.store)
    answer: httpx.Response = await bank.alice.get("/v1/directives", params={"state": state})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
