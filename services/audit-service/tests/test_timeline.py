"""The timeline: every filter, order, pages, refused acts under what they were about, and how complete it is."""

import pytest

from .conftest import Audit
from .sources import Act
from .story import MODEL, approved, deployed, granted, refused, registered, version

pytestmark = pytest.mark.postgres


async def a_story(audit: Audit) -> None:
    await audit.happened(
        (audit.registry, registered(correlation="request-7")),
        (audit.registry, registered("model-fraud", "fraud", on_behalf_of="dora")),
        (audit.registry, version(1)),
        (audit.verification, Act("VerificationFailed", MODEL, {"model_id": MODEL, "version_id": f"{MODEL}-1", "environment": "test"})),
        (audit.approval, granted(1, "bob", "reviewer")),
        (audit.approval, approved(1)),
        (audit.approval, Act("GateDecisionMade", MODEL, {"model_id": MODEL, "environment": "prod", "allowed": False})),
        (audit.approval, refused("request_sign_off", MODEL)),
        (audit.registry, deployed(1)),
    )


FILTERS = [
    ({"model": MODEL, "source": "registry"}, ["ModelRegistered", "VersionRegistered", "DeploymentReported"]),
    ({"model": "fraud"}, ["ModelRegistered"]),
    ({"model": "nobody"}, []),
    ({"version": f"{MODEL}-1", "source": "registry"}, ["VersionRegistered", "DeploymentReported"]),
    ({"environment": "test"}, ["VerificationFailed"]),
    ({"actor": "bob"}, ["ApprovalGranted", "SignOffApproved"]),
    ({"actor": "dora"}, ["ModelRegistered"]),
    ({"type": "VersionRegistered"}, ["VersionRegistered"]),
    ({"result": "failed"}, ["VerificationFailed"]),
    ({"result": "denied"}, ["GateDecisionMade"]),
    ({"result": "refused", "model": "churn"}, ["ActionRefused"]),
    ({"source": "verification"}, ["VerificationFailed"]),
    ({"correlation": "request-7"}, ["ModelRegistered"]),
    ({"actor": "ci", "environment": "prod", "type": "DeploymentReported"}, ["DeploymentReported"]),
    ({"actor": "ci", "type": "ModelRegistered"}, []),
]


async def test_filters_of_the_timeline_must_all_hold(audit: Audit) -> None:
    await a_story(audit)
    for query, types in FILTERS:
        assert await audit.types(**query) == types, query


async def test_since_takes_its_moment_in_and_until_leaves_it_out(audit: Audit) -> None:
    await a_story(audit)
    lines = (await audit.get("/v1/timeline", order="oldest"))["items"]
    middle = lines[4]["recorded_at"]
    assert [line["index"] for line in (await audit.get("/v1/timeline", order="oldest", since=middle))["items"]] == [4, 5, 6, 7, 8]
    assert [line["index"] for line in (await audit.get("/v1/timeline", order="oldest", until=middle))["items"]] == [0, 1, 2, 3]


async def test_line_that_meets_a_condition_in_two_ways_is_told_once(audit: Audit) -> None:
    await audit.happened((audit.registry, registered(actor="dora", on_behalf_of="dora")))
    assert await audit.types(actor="dora") == ["ModelRegistered"]


async def test_name_that_is_another_models_id_stands_for_both(audit: Audit) -> None:
    await audit.happened((audit.registry, registered("model-1", "model-2")), (audit.registry, registered("model-2", "other")))
    lines = (await audit.get("/v1/timeline", model="model-2"))["items"]
    assert [line["model_id"] for line in lines] == ["model-2", "model-1"]
    [line] = (await audit.get("/v1/timeline", model="model-2", limit=1, order="oldest"))["items"]
    assert line["model_id"] == "model-1"


@pytest.mark.parametrize("few", [0, 1_000])
async def test_times_and_other_conditions_hold_together_however_many_lines_there_are(
    audit: Audit, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_story(audit)
    monkeypatch.setattr("placet_audit.queries.timeline.FEW", few)
    since = (await audit.get("/v1/timeline", order="oldest"))["items"][2]["recorded_at"]
    for query, types in FILTERS:
        later = [type_ for type_ in types if type_ != "ModelRegistered"]
        assert await audit.types(since=since, **query) == later, query
    first = await audit.get("/v1/timeline", since=since, limit=3)
    second = await audit.get("/v1/timeline", since=since, limit=30, cursor=first["next_cursor"])
    assert [line["index"] for line in (*first["items"], *second["items"])] == [8, 7, 6, 5, 4, 3, 2]


async def test_line_tells_who_did_what_to_what(audit: Audit) -> None:
    await a_story(audit)
    [line] = (await audit.get("/v1/timeline", type="DeploymentReported"))["items"]
    assert (line["index"], line["source"], line["actor"], line["result"]) == (8, "registry", "ci", "done")
    assert (line["model_id"], line["model_name"], line["version_number"], line["environment"]) == (MODEL, "churn", 1, "prod")
    assert line["details"]["deployment_id"] == "deployment-1"
    event = (await audit.registry.events())[3]
    assert (line["event_id"], line["position"]) == (str(event["id"]), event["position"])


async def test_refused_act_stands_under_its_model_though_the_model_is_heard_of_later(audit: Audit) -> None:
    await audit.happened((audit.approval, refused("request_sign_off", MODEL)), (audit.approval, refused("add_person", "mallory")))
    assert await audit.types(model=MODEL) == []
    await audit.happened((audit.registry, registered()))
    assert await audit.types(model="churn") == ["ActionRefused", "ModelRegistered"]
    [line] = (await audit.get("/v1/timeline", model="churn", result="refused"))["items"]
    assert (line["actor"], line["details"]["action"], line["details"]["code"]) == ("mallory", "request_sign_off", "role_required")


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_pages_neither_repeat_nor_skip_while_entries_arrive(audit: Audit, order: str) -> None:
    for number in range(5):
        await audit.happened((audit.registry, registered(f"model-{number}", f"name-{number}")))
    first = await audit.get("/v1/timeline", limit=2, order=order)
    await audit.happened((audit.registry, registered("model-late", "late")))
    second = await audit.get("/v1/timeline", limit=2, order=order, cursor=first["next_cursor"])
    third = await audit.get("/v1/timeline", limit=2, order=order, cursor=second["next_cursor"])
    indexes = [line["index"] for page in (first, second, third) for line in page["items"]]
    assert indexes == ([4, 3, 2, 1, 0] if order == "newest" else [0, 1, 2, 3, 4, 5])
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ({"modle": "churn"}, "modle", "model, version, environment, actor"),
        ({"result": "great"}, "result", "'refused'"),
        ({"source": "kafka"}, "source", "'registry', 'verification', 'approval'"),
        ({"order": "random"}, "order", "'newest' or 'oldest'"),
        ({"since": "2026-11-23T14:00:00"}, "since", "timezone"),
        ({"cursor": "nonsense"}, "cursor", "next_cursor"),
        ({"limit": "1000"}, "limit", "200"),
    ],
)
async def test_filter_that_is_not_understood_is_named_with_what_is_allowed(
    audit: Audit, query: dict[str, str], field: str, allowed: str
) -> None:
    answer = await audit.ask("/v1/timeline", **query)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert str(error["value"]) == query[field]
    assert allowed in error["allowed"]


@pytest.mark.parametrize("path", ["/v1/timeline", "/v1/as-of", "/v1/sources", "/v1/entries/0"])
async def test_no_read_without_a_token(audit: Audit, path: str) -> None:
    assert (await audit.client.get(path)).status_code == 401
    assert (await audit.client.get(path, params={"modle": "x"})).status_code == 401


async def test_own_event_is_shown_to_who_says_what_was_seen(audit: Audit) -> None:
    """Not only logged: the views must have it."""
    for number in range(20):
        audit.seen["registry"] = await audit.registry.record(registered(f"model-{number}", f"name-{number}"))
        assert await audit.types(model=f"name-{number}") == ["ModelRegistered"]
