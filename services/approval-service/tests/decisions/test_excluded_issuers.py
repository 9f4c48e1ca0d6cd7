"""A token that an excluded person has issued signs for no other person either: the one who issued it could act with it."""

import pytest

from .conftest import WHY, Bank

pytestmark = pytest.mark.postgres


async def test_token_issued_by_an_excluded_trainer_signs_for_no_other_person(bank: Bank) -> None:
    """The trainer has no part in the sign-off itself, neither as its requester nor as a signer, and may not sign: not as bob either."""
    trainer = await bank.service.person("tess", "admin", "reviewer")
    bank.version_id = await bank.registers(2, trained_by=(trainer.id,))
    await bank.verifies()
    path = await bank.a_pending_sign_off()
    issued = await trainer.post("/v1/tokens", {"holder": bank.bob.id})
    assert issued.status_code == 201, issued.text
    disguised = bank.service.caller(issued.json()["token"], bank.bob.id)

    refused = await disguised.post(f"{path}/approve", WHY)
    assert (refused.status_code, refused.json()["code"]) == (403, "token_issued_by_another"), refused.text
    assert (await bank.sees(path))["state"] == "pending"
    assert "ApprovalGranted" not in await bank.service.site.event_types()
    assert (await bank.bob.post(f"{path}/approve", WHY)).status_code == 200, "with the token that dora issued"


async def test_token_that_came_of_one_issued_by_an_excluded_trainer_signs_for_no_other_person(bank: Bank) -> None:
    """Issued with the trainer's token for bob, a second one has gone through the trainer's hands as well."""
    trainer = await bank.service.person("tess", "admin")
    bank.version_id = await bank.registers(2, trained_by=(trainer.id,))
    await bank.verifies()
    path = await bank.a_pending_sign_off()
    first = await trainer.post("/v1/tokens", {"holder": bank.bob.id})
    second = await bank.service.caller(first.json()["token"]).post("/v1/tokens", {"holder": bank.bob.id})
    assert second.status_code == 201, second.text

    refused = await bank.service.caller(second.json()["token"]).post(f"{path}/approve", WHY)
    assert (refused.status_code, refused.json()["code"]) == (403, "token_issued_by_another"), refused.text
