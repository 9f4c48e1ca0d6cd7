"""Which token goes to which addresses, and files of profiles."""

import os
from pathlib import Path

import pytest

from placet_client import Addresses, ClientError, NotSignedIn
from placet_client.profiles import Profile, Profiles
from placet_client.sign_in import sign_in

OWN = Addresses("https://r", "https://v", "https://p", "https://a")
OTHER = {"PLACET_APPROVAL_URL": "https://evil"}


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    kept = Profiles(tmp_path / "config/profiles")
    for name in ("default", "staging"):
        kept.keep(Profile(name, OWN, f"placet_{name}", "t"))
    return kept


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens/alice.token").write_text("placet_alice\n")
    return tmp_path


@pytest.mark.parametrize(
    ("who", "profile", "environment", "token"),
    [
        ("alice", None, {"PLACET_TOKEN": "x", "PLACET_PROFILE": "staging"}, "alice"),
        (None, "staging", {"PLACET_TOKEN": "x"}, "staging"),
        (None, None, {"PLACET_TOKEN": "placet_x", "PLACET_PROFILE": "staging"}, "x"),
        (None, None, {"PLACET_PROFILE": "staging"}, "staging"),
        (None, None, {}, "default"),
    ],
    ids=["as", "profile", "token variable", "profile variable", "default"],
)
def test_token_by_the_first_that_is_said_goes_to_its_own_addresses(
    data_dir: Path, profiles: Profiles, who: str | None, profile: str | None, environment: dict[str, str], token: str
) -> None:
    signed_in = sign_in(who, profile, data_dir, profiles, environment)
    assert signed_in.token == f"placet_{token}"
    assert signed_in.addresses == (OWN if token in ("staging", "default") else Addresses())


@pytest.mark.parametrize("profile", [None, "staging"])
def test_token_of_a_profile_is_not_sent_to_an_address_of_a_variable(data_dir: Path, profiles: Profiles, profile: str | None) -> None:
    with pytest.raises(ClientError, match="PLACET_APPROVAL_URL is https://evil"):
        sign_in(None, profile, data_dir, profiles, OTHER)
    same = {"PLACET_APPROVAL_URL": "https://p/"}
    assert sign_in(None, profile, data_dir, profiles, same).addresses == OWN


def test_other_tokens_go_to_the_addresses_of_the_variables(data_dir: Path, profiles: Profiles) -> None:
    assert sign_in("alice", None, data_dir, profiles, OTHER).addresses.approval == "https://evil"
    assert sign_in(None, None, data_dir, profiles, {**OTHER, "PLACET_TOKEN": "x"}).addresses.approval == "https://evil"


def test_two_tokens_on_the_command_line_are_an_error(data_dir: Path, profiles: Profiles) -> None:
    with pytest.raises(ClientError, match="two tokens"):
        sign_in("alice", "staging", data_dir, profiles, {})


@pytest.mark.parametrize("environment", [{"PLACET_PROFILE": "prod"}, {}])
def test_profile_that_is_not_there_is_told_which_there_are(data_dir: Path, profiles: Profiles, environment: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn, match=r"no profile prod.*default, staging"):
        sign_in(None, None if environment else "prod", data_dir, profiles, environment)


def test_without_a_token_and_a_profile_the_advice_is_to_log_in(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotSignedIn) as caught:
        sign_in(None, None, data_dir, Profiles(tmp_path / "none"), {})
    assert "placet login" in str(caught.value.resolve)


def test_file_and_folder_are_for_their_owner_alone(profiles: Profiles) -> None:
    modes = [path.stat().st_mode & 0o777 for path in (profiles.folder, profiles.file("default"))]
    assert modes == [0o700, 0o600]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_file_that_others_can_reach_is_refused_with_the_command_that_mends_it(profiles: Profiles, mode: int) -> None:
    profiles.file("default").chmod(mode)
    with pytest.raises(ClientError) as caught:
        profiles.find("default")
    assert caught.value.resolve == f"chmod 600 {profiles.file('default')}"


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"token": "x"}', '{"addresses": [], "token": "x", "token_id": "t"}'])
def test_damaged_file_is_told(profiles: Profiles, text: str) -> None:
    profiles.file("default").write_text(text)
    with pytest.raises(ClientError, match="damaged"):
        profiles.find("default")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden"])
def test_name_of_a_profile_leads_out_of_no_folder(profiles: Profiles, name: str) -> None:
    with pytest.raises(ClientError, match="no name"):
        profiles.find(name)


def test_file_of_another_account_is_refused(profiles: Profiles, monkeypatch: pytest.MonkeyPatch) -> None:
    another = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: another)
    with pytest.raises(ClientError, match="belongs to another account"):
        profiles.find("default")


def test_folder_in_the_place_of_a_profile_is_told(profiles: Profiles) -> None:
    profiles.file("odd").mkdir()
    with pytest.raises(ClientError, match="Is a directory"):
        profiles.remove("odd")
