"""approval-service goes back to a copy from before an end: what was ended here stays ended (rule 28)."""

import pytest

from placet_shared.contracts import EventData, approval_people
from placet_shared.testing import copy_data_folder

from .test_credentials import ALICE, CI, Approval, Registry, approval, issued, prepare_database, registry, revoked, token

__all__ = ["approval", "prepare_database", "registry", "token"]

pytestmark = pytest.mark.postgres

ENDS = {
    "revoked": revoked(ALICE),
    "deactivated": approval_people.PersonDeactivated(person_id=ALICE.id),
    "erased": approval_people.PersonErased(person_id=ALICE.id),
}


async def restored(registry: Registry, database: str, after: int) -> None:
    """The copy is in the original's place, and its events are about to be read again."""
    await copy_data_folder(database, "approval", after)
    await registry.consumer._begin_again()


@pytest.mark.parametrize("end", ENDS.values(), ids=[*ENDS])
async def test_end_that_the_copy_does_not_know_is_kept(
    registry: Registry, approval: Approval, token: str, database: str, end: EventData
) -> None:
    await approval.has_alice(token)
    await approval.say(ALICE.id, end)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) is None
    await restored(registry, database, after=2)
    approval.answers(token, ALICE)  # it has forgotten the end, and vouches for the token
    assert await registry.authenticator.authenticate(token) is None, "while nothing is read yet"
    await registry.consumer.catch_up()
    assert await registry.pool.fetchval("select count(*) from credentials where not revoked") == 1
    assert await registry.authenticator.authenticate(token) is None


async def test_others_are_known_again(registry: Registry, approval: Approval, token: str, database: str) -> None:
    await approval.say(CI.id, approval_people.ServiceAccountAdded(account_id=CI.id, name="ci", roles=sorted(CI.roles)), issued(token, CI))
    await approval.say(ALICE.id, approval_people.PersonDeactivated(person_id=ALICE.id))
    await registry.consumer.catch_up()
    await restored(registry, database, after=2)
    await registry.consumer.catch_up()
    assert await registry.authenticator.authenticate(token) == CI


async def test_mark_of_the_lost_branch_is_kept_and_told(registry: Registry, approval: Approval, token: str, database: str) -> None:
    await approval.has_alice(token)
    last = await approval.say(ALICE.id, revoked(ALICE))
    await registry.consumer.catch_up()
    await restored(registry, database, after=2)
    await registry.consumer.catch_up()
    assert last
    [row] = await registry.pool.fetch("select *, event_id::text as id from lost_marks")
    assert (row["source"], row["epoch"], row["position"], row["id"]) == ("approval", last.epoch, last.position, last.event_id)
