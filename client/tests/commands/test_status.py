"""`placet status` at a service that says what a test tells it to."""

import json
from typing import Any

import pytest
import yaml

READY = "/health/ready"
TOKEN = "placet_" + "t" * 40


@pytest.fixture
def here(service: Any, monkeypatch: pytest.MonkeyPatch, placet: Any, says: Any, identity: Any) -> Any:
    """All four are ready, and know the token."""
    for name in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.setenv(f"PLACET_{name}_URL", service.url)
    monkeypatch.setenv("PLACET_TOKEN", TOKEN)
    service.by_path |= {READY: lambda _: says(200, {"status": "ready"}), "/v1/whoami": lambda _: says(200, identity)}
    return placet


def test_status_of_services_that_are_ready_says_whose_token_it_is(here: Any) -> None:
    ended = here("status")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count(" ready") == 4
    assert "alice (person)" in ended.out


def test_status_asks_for_readiness_without_the_token(here: Any, service: Any) -> None:
    here("status")
    tokens = {asked.path: asked.headers.get("Authorization") for asked in service.asked}
    assert tokens == {READY: None, "/v1/whoami": f"Bearer {TOKEN}"}


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
