"""`make compose-secrets`: what it makes, and who may see it."""

import stat
from pathlib import Path
from typing import Any

import yaml

from placet.client import find_token
from placet_approval.adapters.bootstrap_file import BootstrapFile
from placet_shared.tokens import is_well_formed


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_secrets_are_kept_when_they_are_there(tmp_path: Path, compose_secrets: Any) -> None:
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=True)
    before = contents(tmp_path / "local")
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=False)
    assert contents(tmp_path / "local") == before


def test_addresses_hold_the_passwords_that_the_database_is_told(tmp_path: Path, compose_secrets: Any) -> None:
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=False)
    made = {name: text.strip() for name, text in contents(tmp_path / "local/secrets").items()}
    assert made["audit.url"] == f"postgresql://placet_audit:{made['audit.password']}@postgres/placet"
    assert made["migration.url"] == f"postgresql://placet_migrations:{made['migrations.password']}@postgres/placet"
    passwords = [text for name, text in made.items() if name.endswith(".password")]
    assert len(set(passwords)) == len(passwords) == 6


def test_files_can_be_read_in_a_container_and_not_by_others_on_the_machine(tmp_path: Path, compose_secrets: Any) -> None:
    folder = tmp_path / "local"
    compose_secrets.write_secrets(folder, with_demo_people=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(file.stat().st_mode & stat.S_IROTH for file in folder.rglob("*"))


def test_bootstrap_file_names_tokens_where_the_container_finds_them(tmp_path: Path, compose_secrets: Any, compose: Any) -> None:
    folder = tmp_path / "local"
    compose_secrets.write_secrets(folder, with_demo_people=True)
    document = BootstrapFile.model_validate(yaml.safe_load((folder / "bootstrap.yaml").read_text()))
    approval = compose["services"]["approval"]
    assert "./deploy/local/tokens:/run/tokens:ro" in approval["volumes"]
    for entry in (*document.people, *document.service_accounts):
        assert entry.token_file is not None
        if entry.token_file.is_absolute():
            assert entry.token_file.parent == Path("/run/tokens")
            assert is_well_formed((folder / "tokens" / entry.token_file.name).read_text().strip())
        else:
            assert str(entry.token_file) in approval["secrets"]
    assert is_well_formed(find_token("alice", folder, {}))


def test_without_demo_people_only_the_services_have_accounts(tmp_path: Path, compose_secrets: Any) -> None:
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=False)
    document = yaml.safe_load((tmp_path / "local/bootstrap.yaml").read_text())
    assert document["people"] == []
    assert [account["name"] for account in document["service_accounts"]] == ["registry", "approval", "verification", "audit"]
