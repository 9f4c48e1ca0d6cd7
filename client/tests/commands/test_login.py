"""`placet login` and `placet logout` at a service that says what a test tells it to."""

import io
from pathlib import Path
from typing import Any

import pytest

TOKEN = "placet_" + "t" * 40


@pytest.fixture
def here(service: Any, monkeypatch: pytest.MonkeyPatch, placet: Any, says: Any, identity: Any) -> Any:
    """Approval knows the token, which comes from standard input."""
    for name in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.setenv(f"PLACET_{name}_URL", service.url)
    service.by_path["/v1/whoami"] = lambda _: says(200, identity)

    def run(*words: object, told: str = "") -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        return placet(*words)

    return run


def test_login_keeps_a_token_that_later_commands_send(here: Any, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = here("login", told=f"{TOKEN}\n")
    assert (ended.code, ended.out) == (0, "Logged in as alice (developer).\n")
    assert TOKEN not in ended.err
    for name in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.delenv(f"PLACET_{name}_URL")
    assert here("whoami").code == 0
    assert service.headers("Authorization") == [f"Bearer {TOKEN}"] * 2


def test_token_that_is_refused_is_not_kept(here: Any, service: Any, problem: Any, tmp_path: Path) -> None:
    service.by_path["/v1/whoami"] = lambda _: problem(401, "unauthenticated")
    assert here("login", told=TOKEN).code == 1
    assert not (tmp_path / "config").exists()


def test_no_token_is_a_usage_error(here: Any) -> None:
    assert here("login", told="\n").code == 2


def test_profile_is_named_before_or_after_the_command(here: Any, tmp_path: Path) -> None:
    here("--profile", "one", "login", told=TOKEN)
    here("login", "--profile", "two", told=TOKEN)
    assert {file.name for file in (tmp_path / "config/placet/profiles").iterdir()} == {"one.json", "two.json"}
    assert (here("--profile", "one", "whoami").code, here("whoami").code) == (0, 2)


def test_logout_removes_the_profile(here: Any) -> None:
    here("login", told=TOKEN)
    assert here("logout").code == 0
    assert (here("whoami").code, here("logout").code) == (2, 1)


def test_address_that_is_not_encrypted_is_warned_of(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = here("login", "--audit", "http://audit.example.org", told=TOKEN)
    assert (ended.code, "http://audit.example.org is not encrypted" in ended.err) == (0, True)


def test_addresses_of_this_machine_beside_those_of_others_are_named(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = here("login", "--audit", "https://audit.example.org", told=TOKEN)
    assert "taken to be on this machine, and sent the token too: registry, verification, approval." in ended.err
    assert "on this machine" not in here("login", "--profile", "own", told=TOKEN).err


def test_token_follows_no_redirect(here: Any, service: Any, says: Any) -> None:
    service.by_path["/v1/whoami"] = lambda _: says(307, None, {"Location": f"{service.url}/elsewhere"})
    service.by_path["/elsewhere"] = lambda _: says(200)
    assert here("login", told=TOKEN).code == 4
    assert [asked.path for asked in service.asked] == ["/v1/whoami"]
