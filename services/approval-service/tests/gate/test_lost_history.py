"""approval-service goes back to a copy: what its followers have and it has not is denied until people went through it (rule 28)."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from placet_approval.ports import LogAsked, LostEvent
from placet_approval.settings import ApprovalSettings
from placet_shared.bus.followed import Followed
from placet_shared.errors import Unavailable
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually

from ..conftest import Caller, Site, serving
from ..decisions.conftest import ARTIFACT, WHY, open_bank
from .conftest import BY_DIGEST, PREPARE_TOWN, Town, open_neighbours, sources_of, verdict

pytestmark = pytest.mark.postgres

YES: tuple[str, bool, list[str]] = ("allow", True, [])
LOST: tuple[str, bool, list[str]] = ("deny", False, ["history_lost"])


@dataclass
class Log:
    """The audit log, as far as it is asked."""

    events: list[LostEvent] = field(default_factory=list)
    down: bool = False
    asked: int = 0

    async def lost_events(self) -> Sequence[LostEvent]:
        self.asked += 1
        if self.down:
            raise Unavailable("nobody answers")
        return list(self.events)


@dataclass
class Restored(Town):
    """A town whose approval-service has lost what `loses` says."""

    log: Log = field(default_factory=Log)

    async def head(self) -> tuple[int, int, str]:
        [row] = await self.service.site.fetch("select epoch, position, id::text from events order by position desc limit 1")
        return row["epoch"], row["position"], row["id"]

    async def loses(self, *lost: tuple[str, str, dict[str, Any]], listed: bool = True) -> str:
        """Registry has seen the last of these events, (type, subject, data); gives its id."""
        epoch, position, _ = await self.head()
        events = [
            LostEvent(new_id(), epoch, position + number, type_, subject, "carol", datetime.now(UTC), data)
            for number, (type_, subject, data) in enumerate(lost, 1)
        ]
        last = events[-1]
        self.log.events += events if listed else events[:-1]
        self.registry.followed = (Followed("approval", last.epoch, last.position, last.event_id),)
        return last.event_id

    async def has_listed(self) -> None:
        await eventually(lambda: self.connection.fetch("select from lost_branches where listed_at is not null"))

    async def revocation(self, path: str) -> tuple[str, str, dict[str, Any]]:
        return self.of_sign_off("SignOffRevoked", path, person_id=self.carol.id)

    def of_sign_off(self, type_: str, path: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
        data = {"sign_off_id": path.rpartition("/")[2], "model_id": self.model_id, "version_id": "v", "environment": "prod", **more}
        return type_, self.model_id, data

    async def applies(self, who: Caller | None = None, **more: Any) -> Any:
        return await (who or self.service.dora).post("/v1/restores/apply", {"reason": "The disk was replaced.", **more})


@pytest.fixture
async def town(town_site: Site) -> AsyncIterator[Restored]:
    log = Log()

    @asynccontextmanager
    async def open_log(settings: ApprovalSettings) -> AsyncIterator[LogAsked]:
        yield log

    async with (
        open_neighbours(town_site) as neighbours,
        serving(town_site, sources_of(neighbours), log_asked=open_log) as service,
        open_bank(Restored, service, PREPARE_TOWN.founded, neighbours=neighbours, log=log) as town,
    ):
        yield town


async def test_marks_on_the_own_history_deny_nothing_and_the_log_is_not_asked(town: Restored) -> None:
    await town.an_approved_sign_off()
    epoch, position, id_ = await town.head()
    town.registry.followed = (Followed("approval", epoch, position, id_), Followed("somebody", 1, 10**6, new_id()))
    assert verdict(await town.asks()) == YES
    assert town.log.asked == 0


async def test_mark_beyond_the_own_head_denies_with_the_very_next_question(town: Restored) -> None:
    path = await town.an_approved_sign_off()
    town.log.down = True
    await town.loses(await town.revocation(path))
    assert verdict(await town.decides()) == LOST
    assert verdict(await town.asks(environment="dev", digest=ARTIFACT)) == LOST


async def test_mark_beside_the_own_history_denies(town: Restored) -> None:
    await town.an_approved_sign_off()
    epoch, position, _ = await town.head()
    town.log.down = True
    town.registry.followed = (Followed("approval", epoch, position - 1, new_id()),)
    assert verdict(await town.asks()) == LOST


async def test_denial_outlives_the_mark_and_the_process(town: Restored) -> None:
    """The follower has read the new history by now, and tells nothing of the old one."""
    path = await town.an_approved_sign_off()
    town.log.down = True
    await town.loses(await town.revocation(path))
    assert verdict(await town.asks()) == LOST
    town.registry.followed = ()
    assert verdict(await town.asks()) == LOST
    async with serving(town.service.site, sources_of(town.neighbours)) as again:
        answer = await again.caller(town.alice.token).get("/v1/gate", params=BY_DIGEST)
        assert verdict(answer.json()) == LOST


async def test_when_the_log_has_told_only_what_it_concerns_is_denied(town: Restored) -> None:
    path = await town.an_approved_sign_off()
    await town.loses(await town.revocation(path))
    await town.has_listed()
    assert verdict(await town.asks(**BY_DIGEST, model="fraud")) == LOST
    await town.connection.execute("update lost_events set model_id = 'another'")
    assert verdict(await town.asks(**BY_DIGEST, model="fraud")) == YES


async def test_lost_act_on_another_model_with_the_same_bytes_denies(town: Restored) -> None:
    path = await town.an_approved_sign_off()
    await town.loses(await town.revocation(path))
    await town.has_listed()
    await town.connection.execute("update lost_events set model_id = 'another'")
    await town.connection.execute("insert into known_models (model_id, name) values ('another', 'another')")
    columns = "number, artifact_sha256, registered_at"
    copied = f"select 'same bytes', 'another', {columns} from known_versions limit 1"
    await town.connection.execute(f"insert into known_versions (version_id, model_id, {columns}) {copied}")
    assert verdict(await town.asks(**BY_DIGEST, model="fraud")) == LOST


@pytest.mark.parametrize("type_", ["PersonDeactivated", "PolicyDefined", "PersonRolesChanged", "TokenIssued"])
async def test_lost_act_on_people_or_policies_denies_all(town: Restored, type_: str) -> None:
    await town.an_approved_sign_off()
    await town.loses((type_, town.bob.id, {"person_id": town.bob.id}))
    await town.has_listed()
    assert verdict(await town.asks(**BY_DIGEST, model="fraud")) == LOST


async def test_lost_refusals_and_counts_deny_nothing(town: Restored) -> None:
    await town.an_approved_sign_off()
    await town.loses(("ActionRefused", town.bob.id, {"action": "a", "code": "b", "kind": "c"}), ("GateQuestionsCounted", town.bob.id, {}))
    await town.has_listed()
    assert verdict(await town.asks()) == YES


async def test_log_that_does_not_have_the_followers_event_has_not_told_all(town: Restored) -> None:
    path = await town.an_approved_sign_off()
    last = await town.loses(await town.revocation(path), ("CommentAdded", "another", {"model_id": "another"}), listed=False)
    await eventually(lambda: town.connection.fetch("select from lost_events"))
    assert verdict(await town.asks(environment="dev", digest=ARTIFACT, model="fraud")) == LOST
    shown = (await town.service.dora.get("/v1/restores")).json()
    assert (shown["complete"], [branch["event_id"] for branch in shown["branches"]]) == (False, [last])
    refused = await town.applies()
    assert (refused.status_code, refused.json()["code"]) == (409, "lost_history_incomplete")
    assert (await town.applies(incomplete=True)).status_code == 200
    assert verdict(await town.asks()) == ("deny", True, ["revoked"])


async def test_revocation_is_applied_as_a_new_event_that_says_so(town: Restored) -> None:
    path = await town.an_approved_sign_off()
    last = await town.loses(await town.revocation(path))
    await town.has_listed()
    [event] = (await town.service.dora.get("/v1/restores")).json()["events"]
    assert (event["event_id"], event["type"], event["how"]) == (last, "SignOffRevoked", "applied")
    assert verdict(await town.asks()) == LOST
    applied = await town.applies()
    assert (applied.status_code, applied.json()["applied"], applied.json()["offered"]) == (200, 1, 0)
    assert verdict(await town.asks()) == ("deny", True, ["revoked"])
    rows = await town.service.site.fetch("select type, causation, actor from events order by position desc limit 3")
    happened = [(row["type"], row["causation"]) for row in rows]
    assert happened == [("RestoreReviewed", None), ("ArtifactRejected", last), ("SignOffRevoked", last)]
    assert {row["actor"] for row in rows} == {town.service.dora.id}
    assert (await town.service.dora.get("/v1/restores")).json() == {"complete": True, "branches": [], "events": []}
    again = await town.applies()
    assert (again.status_code, again.json()["code"]) == (409, "nothing_lost")


async def test_rejection_is_applied_to_what_is_pending_again(town: Restored) -> None:

    path = await town.a_pending_sign_off()
    await town.loses(town.of_sign_off("SignOffRejected", path, person_id=town.bob.id, role="reviewer"))
    await town.has_listed()
    assert (await town.applies()).json()["applied"] == 1
    assert (await town.alice.get(path)).json()["state"] == "rejected"


async def test_revocation_of_what_is_pending_again_ends_it(town: Restored) -> None:

    path = await town.a_pending_sign_off()
    await town.loses(await town.revocation(path))
    await town.has_listed()
    assert (await town.applies()).json()["applied"] == 1
    assert (await town.alice.get(path)).json()["state"] == "rejected"


async def test_ends_of_tokens_and_holders_hold_at_once_and_after_the_review(town: Restored) -> None:
    [token] = await town.service.site.fetch("select token_id from tokens where holder_id = $1", town.alice.id)
    await town.loses(
        ("TokenRevoked", town.alice.id, {"token_id": token["token_id"], "reason": None}),
        ("PersonDeactivated", town.bob.id, {"person_id": town.bob.id}),
        ("PersonErased", town.carol.id, {"person_id": town.carol.id}),
        ("ServiceAccountDeactivated", town.ci.id, {"account_id": town.ci.id}),
    )
    ended = [town.alice, town.bob, town.carol, town.ci]

    async def all_refused() -> bool:
        return {(await one.get("/v1/whoami")).status_code for one in ended if one} == {401}

    await eventually(all_refused)
    assert (await town.applies()).json()["applied"] == 4
    assert await all_refused()
    types = [row["type"] for row in await town.service.site.fetch("select type from events order by position desc limit 6")]
    assert {"TokenRevoked", "PersonDeactivated", "PersonErased", "ServiceAccountDeactivated"} <= {*types}
    assert await town.service.site.fetch("select from people_names where person_id = $1", town.carol.id) == []


async def test_end_of_a_delegation_holds_at_once_and_after_the_review(town: Restored) -> None:
    dave = await town.service.person("dave", "developer")
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    lent = (await town.carol.post("/v1/delegations", {"delegate": "dave", "ends_at": until, "reason": "A day off."})).json()
    path = await town.a_pending_sign_off()
    between = {name: lent[name] for name in ("delegator_id", "delegate_id")}
    ended = {"delegation_id": lent["id"], **between, "ended_by": town.carol.id, "reason": None}
    await town.loses(("DelegationEnded", town.carol.id, ended))
    await town.has_listed()
    assert (await dave.post(f"{path}/approve", WHY)).json()["code"] == "role_not_held"
    assert (await town.applies()).json()["applied"] == 1
    assert (await dave.post(f"{path}/approve", WHY)).json()["code"] == "role_not_held"
    assert (await dave.get(f"/v1/delegations/{lent['id']}")).json()["state"] == "ended"


async def test_text_that_came_back_with_the_copy_is_erased_again(town: Restored) -> None:
    path = await town.a_pending_sign_off()
    [said] = [act["said"] for act in (await town.alice.get(path)).json()["acts"]]
    await town.loses(
        ("TextErased", said["id"], {"text_id": said["id"]}),
        ("TextErased", "lost too", {"text_id": str(new_id())}),
    )
    await town.has_listed()
    assert (await town.applies()).json()["applied"] == 1
    [said] = [act["said"] for act in (await town.alice.get(path)).json()["acts"]]
    assert (said["text"], said["erased"]) == (None, True)


async def test_policy_is_defined_again(town: Restored) -> None:
    [policy] = await town.service.site.fetch("select * from current_policies where environment = 'prod'")
    content = {**json.loads(policy["content"]), "mode": "warn"}
    await town.loses(("PolicyDefined", policy["policy_id"], {"policy_id": policy["policy_id"], "environment": "prod", "content": content}))
    await town.has_listed()
    assert (await town.applies()).json()["applied"] == 1
    [policy] = await town.service.site.fetch("select * from current_policies where environment = 'prod'")
    assert policy["mode"] == "warn"


async def test_what_was_given_is_left_to_people_and_what_is_not_here_is_ignored(town: Restored) -> None:
    await town.loses(
        town.of_sign_off("ApprovalGranted", f"/v1/sign-offs/{new_id()}", person_id=town.bob.id),
        town.of_sign_off("SignOffRevoked", f"/v1/sign-offs/{new_id()}", person_id=town.bob.id),
    )
    await town.has_listed()
    reviewed = (await town.applies()).json()
    assert (reviewed["lost"], reviewed["applied"], reviewed["offered"]) == (2, 0, 1)


async def test_going_through_it_is_an_admins_act(town: Restored) -> None:
    await town.loses(("CommentAdded", "m", {"model_id": "m"}))
    await town.has_listed()
    for who in (town.alice, town.ci):
        assert (await town.applies(who)).status_code == 403
    assert (await town.alice.get("/v1/restores")).status_code == 403
    assert [branch["told_by"] for branch in (await town.service.dora.get("/v1/restores")).json()["branches"]] == ["registry"]


async def test_branch_that_is_found_after_the_review_denies_again(town: Restored) -> None:
    await town.an_approved_sign_off()
    await town.loses(("CommentAdded", "m", {"model_id": "m"}))
    await town.has_listed()
    assert (await town.applies()).status_code == 200
    assert verdict(await town.asks()) == YES
    town.log.down = True
    await town.loses(("CommentAdded", "m", {"model_id": "m"}))
    assert verdict(await town.asks()) == LOST


async def test_no_on_bytes_is_applied_when_the_rejected_sign_off_is_lost_itself(town: Restored) -> None:
    """Otherwise the restore would set every version of these bytes free (rule 30)."""
    await town.an_approved_sign_off()
    no = {"artifact_sha256": ARTIFACT, "environment": "prod", "kind": "rejected", "person_id": town.carol.id, "sign_off_id": new_id()}
    lost = {**no, "model_id": town.model_id, "version_id": new_id()}
    await town.loses(("ArtifactRejected", town.model_id, lost))
    await town.has_listed()
    assert verdict(await town.asks(**BY_DIGEST, model="fraud")) == LOST
    applied = await town.applies()
    assert applied.status_code == 200, applied.text
    assert verdict(await town.asks(**BY_DIGEST, model="fraud")) == ("deny", True, ["same_bytes_rejected"])
    [said] = (await town.asks(**BY_DIGEST, model="fraud"))["reasons"][0]["facts"]["noes"]
    assert said["person_id"] == town.carol.id


async def test_suspension_that_was_lost_holds_again_until_a_person_lets_it_go_on(town: Restored) -> None:
    """The sign-off came back approved; its bytes are held as before."""
    path = await town.an_approved_sign_off()
    held = {"artifact_sha256": ARTIFACT, "environment": "prod", "sign_off_id": path.rsplit("/")[-1], "person_id": town.bob.id}
    gone = {**held, "sign_off_id": new_id()}
    about = {"model_id": town.model_id, "version_id": town.version_id}
    await town.loses(*(("ArtifactHeld", town.model_id, {**one, **about}) for one in (held, gone)))
    await town.has_listed()
    assert (await town.applies()).json()["applied"] == 1, "a sign-off that is lost itself could not be resumed"
    assert verdict(await town.asks()) == ("deny", True, ["same_bytes_suspended"])
    resumed = await town.carol.post(f"{path}/resume", {"rationale": "The source was repaired."})
    assert resumed.status_code == 200, resumed.text
    assert verdict(await town.asks()) == YES
