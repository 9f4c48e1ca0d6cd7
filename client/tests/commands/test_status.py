"""`placet status` at a service that says what a test tells it to."""

import json
from typing import Any

import pytest
import yaml

READY = "/health/ready"
TOKEN = "placet_" + "t" * 40


AT = "2026-11-23T14:05:09.000001Z"
PENDING = {
    "id": "01", "state": "pending", "expired": False, "model_id": "m", "model": "fraud", "version_id": "v", "number": 3,
    "environment": "prod",    "requester": {"id": "q", "name": "quinn"}, "have": 1, "need": 2, "requested_at": AT, "changed_at": AT,
}  # fmt: skip
APPROVED = {**PENDING, "id": "02", "state": "approved", "number": 2, "requester": {"id": "p", "name": "alice"}}
INBOX = {
    "to_sign": [{"sign_off": PENDING, "roles": ["reviewer"], "policy_version": 2, "runs_now": True, "approved_until": None}],
    "more_to_sign": True, "requested": [APPROVED], "ended": [],
}  # fmt: skip


@pytest.fixture
def here(service: Any, monkeypatch: pytest.MonkeyPatch, placet: Any, says: Any, identity: Any) -> Any:
    """All four are ready, and know the token."""
    for name in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.setenv(f"PLACET_{name}_URL", service.url)
    monkeypatch.setenv("PLACET_TOKEN", TOKEN)
    service.by_path |= {
        READY: lambda _: says(200, {"status": "ready", "version": "1.2.3"}),
        "/metrics": lambda _: says(404),
        "/v1/whoami": lambda _: says(200, identity),
        "/v1/inbox": lambda _: says(200, INBOX),
    }
    return placet


def test_status_of_services_that_are_ready_says_whose_token_it_is(here: Any) -> None:
    ended = here("status")
    assert ended.code == 0
    assert (ended.out.count(" ready"), ended.out.count("1.2.3")) == (4, 4)
    assert "alice (person)" in ended.out


def test_status_says_what_the_holder_may_sign_and_what_became_of_own_requests(here: Any) -> None:
    ended = here("status")
    signable, requested = ended.out.split("You may sign")[1].split("You requested")
    assert ("fraud/3" in signable, "1 of 2" in signable) == (True, True)
    assert ("more than 1" in signable, "fraud/2" in requested, "approved" in requested) == (True, True, True)
    assert "placet signoff show 01" in ended.err


def test_status_counts_the_events_that_a_service_is_behind(here: Any, service: Any, says: Any) -> None:
    lines = (
        'placet_bus_lag{consumer="a",source="registry"} 12.0',
        'placet_bus_lag{consumer="b",source="audit"} 0.0',
        "placet_audit_views_lag 3.0",
    )
    service.by_path["/metrics"] = lambda _: says(200, "\n".join(["# HELP placet_bus_lag Events.", *lines, ""]).encode())
    assert here("status").out.count("12 of registry, 3 entries") == 4
    lags = json.loads(here("status", "--json").out)["services"][0]["lags"]
    assert lags[0] == {"consumer": "a", "source": "registry", "events": 12}


def test_status_of_different_versions_says_so(here: Any, service: Any, says: Any) -> None:
    versions = iter("1112")
    service.by_path[READY] = lambda _: says(200, {"status": "ready", "version": next(versions)})
    assert "different versions: 1, 2" in here("status").err


def test_status_without_approval_shows_the_other_services(here: Any, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_APPROVAL_URL", "http://127.0.0.1:9")
    ended = here("status", "--json")
    said = json.loads(ended.out)
    assert (ended.code, [one["state"] for one in said["services"]]) == (4, ["ready", "ready", "unreachable", "ready"])
    assert (said["identity"], said["to_sign"]) == (None, None)


def test_status_asks_for_readiness_without_the_token(here: Any, service: Any) -> None:
    here("status")
    tokens = {asked.path: asked.headers.get("Authorization") for asked in service.asked}
    assert tokens == {READY: None, "/metrics": None, "/v1/whoami": f"Bearer {TOKEN}", "/v1/inbox": f"Bearer {TOKEN}"}


def test_status_of_a_service_that_is_not_ready_names_what_is_missing(here: Any, service: Any, problem: Any) -> None:
    service.by_path[READY] = lambda _: problem(503, "not_ready", facts={"missing": {"database": "No connection."}})
    ended = here("status", "--json")
    assert ended.code == 4
    assert {(one["state"], one["because"]) for one in json.loads(ended.out)["services"]} == {("not_ready", "No connection.")}


def test_status_of_services_that_are_not_there_is_4_and_asks_once(placet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_TOKEN", TOKEN)
    ended = placet("status")
    assert (ended.code, ended.err) == (4, "")
    assert ended.out.count("unreachable") == 4


def test_status_for_programs_lists_the_sign_offs_themselves(here: Any) -> None:
    said = json.loads(here("status", "--json").out)
    assert (said["to_sign"], said["requested"]) == ([PENDING], [APPROVED])


def test_status_as_yaml_is_the_document_and_quiet_is_the_exit_code_alone(here: Any) -> None:
    assert yaml.safe_load(here("status", "--output", "yaml").out) == json.loads(here("status", "--output", "json").out)
    quiet = here("status", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_status_without_a_token_shows_the_services_and_how_to_name_one(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLACET_TOKEN")
    ended = here("status")
    assert (ended.code, ended.out.count(" ready")) == (4, 4)
    assert "PLACET_TOKEN_FILE" in ended.err


def test_status_with_a_token_that_is_refused_is_4(here: Any, service: Any, problem: Any) -> None:
    service.by_path["/v1/whoami"] = lambda _: problem(401, "unauthenticated")
    ended = here("status", "--json")
    assert (ended.code, json.loads(ended.out)["identity"]) == (4, None)
    assert "unauthenticated" in ended.err
