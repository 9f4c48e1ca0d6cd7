from pathlib import Path

import pytest

from placet_client import NotSignedIn, find_token


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens/alice.token").write_text("placet_alice\n")
    return tmp_path


def test_name_wins_over_variables(data_dir: Path) -> None:
    assert find_token("alice", data_dir, {"PLACET_TOKEN": "placet_other"}) == "placet_alice"


def test_variable_wins_over_file(data_dir: Path) -> None:
    environment = {"PLACET_TOKEN": "placet_other", "PLACET_TOKEN_FILE": str(data_dir / "tokens/alice.token")}
    assert find_token(None, data_dir, environment) == "placet_other"


def test_file_is_read_when_nothing_else_is_said(data_dir: Path) -> None:
    assert find_token(None, data_dir, {"PLACET_TOKEN_FILE": str(data_dir / "tokens/alice.token")}) == "placet_alice"


def test_missing_name_is_answered_with_all_three_ways(data_dir: Path) -> None:
    with pytest.raises(NotSignedIn) as caught:
        find_token(None, data_dir, {})
    assert all(way in str(caught.value.resolve) for way in ("PLACET_TOKEN", "PLACET_TOKEN_FILE", "--as"))


def test_unknown_name_is_told_which_there_are(data_dir: Path) -> None:
    with pytest.raises(NotSignedIn) as caught:
        find_token("bob", data_dir, {})
    assert "alice" in str(caught.value.resolve)


@pytest.mark.parametrize("name", ["", "../secrets/registry", ".hidden"])
def test_name_that_is_none_leads_out_of_no_folder(data_dir: Path, name: str) -> None:
    with pytest.raises(NotSignedIn, match="no name"):
        find_token(name, data_dir, {})


def test_empty_file_is_no_token(data_dir: Path) -> None:
    (data_dir / "tokens/bob.token").write_text("\n")
    with pytest.raises(NotSignedIn, match="empty"):
        find_token("bob", data_dir, {})


@pytest.mark.parametrize("said", [b"placet_\xfc", "placet_ü".encode(), b"placet_a\nplacet_b", b"placet_a b", b"\x00"], ids=repr)
def test_text_that_no_header_takes_is_no_token(data_dir: Path, said: bytes) -> None:
    (data_dir / "tokens/bob.token").write_bytes(said)
    with pytest.raises(NotSignedIn, match=r"bob\.token .*no token"):
        find_token("bob", data_dir, {})
    if b"\x00" not in said:
        with pytest.raises(NotSignedIn, match=r"PLACET_TOKEN .*no token"):
            find_token(None, data_dir, {"PLACET_TOKEN": said.decode(errors="surrogateescape")})
