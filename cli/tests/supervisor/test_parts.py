"""What the supervisor decides without starting anything."""

import os
import sys
from itertools import islice
from pathlib import Path

import pytest
import yaml

from placet.embedded.data_folder import DataFolder
from placet.embedded.problems import CannotStart
from placet.supervisor.addresses import Address, addresses
from placet.supervisor.databases import DatabaseUrls, embedded_sources
from placet.supervisor.environment import Surroundings
from placet.supervisor.keeper import pauses
from placet.supervisor.people import write_people
from placet.supervisor.rebuilding import rebuild
from placet_shared.processes import PROCESSES, SOURCES, ServiceProcess

OURS = DatabaseUrls(login="postgresql://login", migration="postgresql://superuser")


def surroundings(folder: Path, *embedded: str, **given: str) -> Surroundings:
    return Surroundings(given, DataFolder(folder), addresses(given), dict.fromkeys(embedded, OURS))


def test_pauses_double_from_a_fifth_of_a_second_to_ten() -> None:
    assert list(islice(pauses(), 8)) == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_services_listen_at_their_known_ports_unless_told_otherwise() -> None:
    found = addresses({"PLACET_AUDIT_PORT": "9000", "PLACET_AUDIT_HOST": "0.0.0.0"})
    assert found["registry"].url == "http://127.0.0.1:8401"
    assert found["audit"] == Address("audit", "0.0.0.0", 9000)
    assert found["audit"].url == "http://127.0.0.1:9000"


def test_port_0_becomes_a_free_port_that_the_peers_are_told(tmp_path: Path) -> None:
    told = surroundings(tmp_path, PLACET_REGISTRY_PORT="0")
    port = told.for_serving("registry")["PLACET_REGISTRY_PORT"]
    assert int(port) > 0
    assert told.for_serving("audit")["PLACET_REGISTRY_URL"] == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("text", ["web", "-1", "65536"])
def test_what_is_no_port_is_named(text: str) -> None:
    with pytest.raises(CannotStart, match=f"PLACET_AUDIT_PORT = '{text}'"):
        addresses({"PLACET_AUDIT_PORT": text})


def test_a_service_is_told_its_own_database_and_not_how_to_migrate(tmp_path: Path) -> None:
    told = surroundings(tmp_path, "registry", PLACET_REGISTRY_MIGRATION_URL="postgresql://theirs").for_serving("registry")
    assert told["PLACET_REGISTRY_DATABASE_URL"] == OURS.login
    assert "PLACET_REGISTRY_MIGRATION_URL" not in told


def test_a_migration_is_told_the_url_that_may_migrate(tmp_path: Path) -> None:
    assert surroundings(tmp_path, "registry").for_migrating("registry")["PLACET_REGISTRY_MIGRATION_URL"] == OURS.migration


def test_a_service_is_told_nothing_of_the_others_but_their_addresses(tmp_path: Path) -> None:
    given = {
        "PLACET_AUDIT_DATABASE_URL": "postgresql://secret",
        "PLACET_AUDIT_URL": "http://audit:1",
        "PLACET_LOG_LEVEL": "DEBUG",
        "PATH": "/bin",
    }
    told = surroundings(tmp_path, "registry", **given).for_serving("registry")
    assert "PLACET_AUDIT_DATABASE_URL" not in told
    assert (told["PLACET_AUDIT_URL"], told["PLACET_LOG_LEVEL"], told["PATH"]) == ("http://audit:1", "DEBUG", "/bin")


def test_what_the_operator_sets_wins_over_our_defaults(tmp_path: Path) -> None:
    given = {"PLACET_REGISTRY_BLOB_DIR": "/mnt/blobs", "PLACET_REGISTRY_DATABASE_URL": "postgresql://theirs"}
    told = surroundings(tmp_path, **given).for_serving("registry")
    assert told["PLACET_REGISTRY_BLOB_DIR"] == "/mnt/blobs"
    assert told["PLACET_REGISTRY_DATABASE_URL"] == "postgresql://theirs"


def test_only_services_without_a_server_of_their_own_use_the_embedded_one() -> None:
    assert embedded_sources({"PLACET_AUDIT_DATABASE_URL": "postgresql://theirs"}) == ("registry", "verification", "approval")


def test_a_database_or_migration_url_may_lie_in_a_file(tmp_path: Path) -> None:
    given = {"PLACET_AUDIT_DATABASE_URL_FILE": "/secrets/audit", "PLACET_AUDIT_MIGRATION_URL_FILE": "/secrets/migrations"}
    assert "audit" not in embedded_sources(given)
    assert surroundings(tmp_path, **given).for_migrating("audit")["PLACET_AUDIT_MIGRATION_URL_FILE"] == "/secrets/migrations"
    assert "PLACET_AUDIT_MIGRATION_URL_FILE" not in surroundings(tmp_path, **given).for_serving("audit")
    assert "PLACET_AUDIT_MIGRATION_URL_FILE" not in surroundings(tmp_path, "audit", **given).for_migrating("audit")


def test_people_are_introduced_once_and_keep_their_tokens(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    assert write_people(folder, with_demo=True)
    before = {file.name: file.read_text() for file in folder.tokens.iterdir()}
    assert not write_people(folder, with_demo=True)
    assert {file.name: file.read_text() for file in folder.tokens.iterdir()} == before
    document = yaml.safe_load(folder.people.read_text())
    assert [(person["name"], person["roles"]) for person in document["people"]] == [
        ("alice", ["developer"]), ("bob", ["reviewer"]), ("carol", ["risk-officer"]), ("dora", ["admin"]), ("erin", ["auditor"]),
    ]  # fmt: skip
    accounts = {account["name"]: account["roles"] for account in document["service_accounts"]}
    assert accounts.pop("ci") == ["pipeline"]
    assert accounts == {source: ["service"] for source in SOURCES}
    assert all(Path(entry["token_file"]).exists() for entry in (*document["people"], *document["service_accounts"]))


def test_without_the_embedded_database_there_are_no_demo_people(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    assert not write_people(folder, with_demo=False)
    document = yaml.safe_load(folder.people.read_text())
    assert document["people"] == []
    assert {account["roles"][0] for account in document["service_accounts"]} == {"service"}


def test_a_process_whose_package_is_not_installed_is_not_there() -> None:
    assert not ServiceProcess("none", "registry", "placet_nowhere").is_there
    assert not ServiceProcess("none", "registry", "placet_shared", module="nowhere").is_there
    assert [process.name for process in PROCESSES if not process.serves] == ["verification-worker"]


def test_rebuild_where_nothing_runs_says_so_and_makes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rebuild(tmp_path / "nobody", "registry", "models", {}) == 1
    assert f"No Placet runs on {tmp_path / 'nobody'}. Start it with `placet up`" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_rebuild_with_a_server_of_ones_own_asks_for_the_url_that_migrates(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    own = {"PLACET_REGISTRY_DATABASE_URL": "postgresql://placet_registry:secret@127.0.0.1:1/placet"}
    assert rebuild(tmp_path, "registry", "models", {**given, **own}) == 2
    assert "PLACET_REGISTRY_MIGRATION_URL is not set" in capfd.readouterr().err
