"""`make compose-secrets`: what it makes, and who may see it."""

import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from placet_approval.adapters.bootstrap_file import BootstrapFile
from placet_client import find_token
from placet_shared.processes import SOURCES
from placet_shared.tokens import is_well_formed

ROOT = Path(__file__).resolve().parents[2]
AS_NOBODY = (sys.executable, str(ROOT / "cli/tests/programs/as_nobody.py"))
# Root gives files away, a user names one more reader; root can try both, and look as any user whether it worked.
STARTERS: Sequence[Sequence[str]] = ((), AS_NOBODY) if os.geteuid() == 0 else ((),)
SERVICES, POSTGRES, KAFKA, STRANGER = 10001, 999, 1000, 4711


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """Where `nobody` may make folders and root may look; pytest's own lets only its user in."""
    folder = Path(tempfile.mkdtemp(prefix="placet-tests-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def make(folder: Path, *as_whom: str) -> None:
    """As it is typed."""
    told = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [*as_whom, sys.executable, str(ROOT / "deploy/compose_secrets.py"), "--with-demo-people", "--folder", str(folder)]
    subprocess.run(command, env=told, check=True, timeout=60)


def open_to_all_users(folder: Path) -> None:
    """As an earlier release left it, or worse."""
    for inside in (folder, *folder.rglob("*")):
        inside.chmod(0o777 if inside.is_dir() else 0o666)


def readers(path: Path) -> set[int]:
    """Of four users, those whom the file system lets read what is mounted: another name of it, without the folders around it."""
    if os.geteuid() != 0:
        return {SERVICES, POSTGRES, KAFKA, STRANGER} & named_readers(path)
    return {uid for uid in (SERVICES, POSTGRES, KAFKA, STRANGER) if opens(path, uid)}


def opens(path: Path, uid: int) -> bool:
    """A file is open before this becomes another user, so that only its own rights count."""
    become = "import os, sys; os.setgroups([]); os.setgid(4711); os.setuid(int(sys.argv[2])); "
    probe = become + "os.open(f'/proc/self/fd/{sys.argv[1]}', os.O_RDONLY)"
    handle = os.open(path, os.O_PATH)
    try:
        return (
            subprocess.run(
                [sys.executable, "-S", "-c", probe, str(handle), str(uid)], pass_fds=[handle], stderr=subprocess.DEVNULL
            ).returncode
            == 0
        )
    finally:
        os.close(handle)


def named_readers(path: Path) -> set[int]:
    """Whom the access control list names."""
    packed = os.getxattr(path, "system.posix_acl_access")[4:]
    return {uid for tag, permissions, uid in struct.iter_unpack("<HHI", packed) if tag == 0x02 and permissions & 0o4}


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
    assert made["audit.url"] == f"postgresql://placet_audit:{made['audit.password']}@postgres/placet_audit"
    assert made["audit-migration.url"] == f"postgresql://placet_migrations:{made['migrations.password']}@postgres/placet_audit"
    passwords = [text for name, text in made.items() if name.endswith(".password")]
    assert len(set(passwords)) == len(passwords) == 6


@pytest.mark.parametrize("began", ["new", "there and open to all users"])
@pytest.mark.parametrize("as_whom", STARTERS)
def test_a_file_can_be_read_by_the_user_of_its_container_alone(shared_folder: Path, as_whom: Sequence[str], began: str) -> None:
    folder = shared_folder / "local"
    make(folder, *as_whom)
    if began != "new":
        open_to_all_users(folder)
        make(folder, *as_whom)
    assert {stat.S_IMODE(inside.stat().st_mode) for inside in (folder, folder / "secrets")} == {0o700}
    for file in (folder / "bootstrap.yaml", *folder.glob("*/*")):
        reader = {".password": POSTGRES, ".kafka-properties": KAFKA}.get(file.suffix, SERVICES)
        assert readers(file) == {reader}, file
    assert stat.S_IMODE((folder / "tokens").stat().st_mode) & 0o007 == 0


def test_an_earlier_releases_secrets_go_on_with_the_one_database_that_they_name(tmp_path: Path, compose_secrets: Any) -> None:
    secrets = tmp_path / "local/secrets"
    secrets.mkdir(parents=True)
    for source in SOURCES:
        (secrets / f"{source}.url").write_text(f"postgresql://placet_{source}:its@db.example.org/placet")
    (secrets / "migration.url").write_text("postgresql://placet_migrations:theirs@db.example.org/placet")
    compose_secrets.write_secrets(tmp_path / "local", with_demo_people=False)
    assert (secrets / "audit.url").read_text() == "postgresql://placet_audit:its@db.example.org/placet"
    assert (secrets / "audit-migration.url").read_text().strip() == "postgresql://placet_migrations:theirs@db.example.org/placet"


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
    assert [account["name"] for account in document["service_accounts"]] == list(SOURCES)
