"""Settings: from the environment, with messages that name the variable."""

import os
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field

from placet_shared.settings import CommonSettings, ServiceSettings, SettingsError, settings_table

URL = "postgresql://placet_probe:hunter2@localhost/placet"


class ProbeSettings(ServiceSettings):
    SOURCE: ClassVar[str] = "registry"

    blob_limit_bytes: int = Field(5, ge=1, description="Greatest size of a blob.")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("PLACET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PLACET_REGISTRY_DATABASE_URL", URL)
    return monkeypatch


def complaint(**values: object) -> str:
    with pytest.raises(SettingsError) as raised:
        ProbeSettings.load(**values)
    return str(raised.value)


def test_settings_with_nothing_but_what_is_required() -> None:
    settings = ProbeSettings.load()
    assert (settings.host, settings.port, settings.database_schema, settings.log_level) == ("127.0.0.1", 8401, "registry", "INFO")
    assert settings.database_url.get_secret_value() == URL
    assert settings.approval_url == "http://127.0.0.1:8403"


def test_settings_from_the_environment(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "PLACET_REGISTRY_SCHEMA": "other",
        "PLACET_REGISTRY_PORT": "9000",
        "PLACET_REGISTRY_BLOB_LIMIT_BYTES": "77",
        "PLACET_APPROVAL_URL": "https://approval.example/",
        "PLACET_REGISTRY_URL": "http://registry.example",
        "PLACET_DATA_DIR": str(tmp_path),
        "PLACET_LOG_LEVEL": "debug",
    }.items():
        environment.setenv(name, value)
    settings = ProbeSettings.load()
    assert (settings.database_schema, settings.port, settings.blob_limit_bytes) == ("other", 9000, 77)
    assert (settings.approval_url, settings.registry_url) == ("https://approval.example", "http://registry.example")
    assert (settings.data_dir, settings.log_level) == (tmp_path, "DEBUG")


def test_settings_given_by_hand_win(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PLACET_REGISTRY_PORT", "9000")
    assert ProbeSettings.load(port=0).port == 0


def test_settings_with_an_empty_variable(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PLACET_REGISTRY_PORT", "")
    assert ProbeSettings.load().port == 8401


def test_settings_without_a_database(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PLACET_REGISTRY_DATABASE_URL")
    assert complaint().startswith("PLACET_REGISTRY_DATABASE_URL is not set: PostgreSQL")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PLACET_REGISTRY_PORT", "http", "PLACET_REGISTRY_PORT = 'http': must be a valid integer"),
        ("PLACET_REGISTRY_PORT", "70000", "PLACET_REGISTRY_PORT = '70000': must be less than or equal to 65535"),
        ("PLACET_LOG_LEVEL", "LOUD", "PLACET_LOG_LEVEL = 'LOUD': must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("PLACET_AUDIT_URL", "audit:80", "PLACET_AUDIT_URL = 'audit:80': must be a URL that begins with http:// or https://"),
        ("PLACET_REGISTRY_SCHEMA", 'x"; drop', "PLACET_REGISTRY_SCHEMA = 'x\"; drop': must match pattern"),
        ("PLACET_REGISTRY_PROT", "1", "PLACET_REGISTRY_PROT is no setting; did you mean PLACET_REGISTRY_PORT?"),
        ("PLACET_REGISTRY_COLOUR", "1", "PLACET_REGISTRY_COLOUR is no setting."),
    ],
)
def test_settings_with_a_value_that_is_not_allowed(environment: pytest.MonkeyPatch, variable: str, value: str, message: str) -> None:
    environment.setenv(variable, value)
    assert complaint().startswith(message)


def test_settings_with_a_wrong_url_do_not_tell_the_password(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PLACET_REGISTRY_DATABASE_URL", "mysql://me:hunter2@db/x")
    assert complaint() == "PLACET_REGISTRY_DATABASE_URL: must be a URL that begins with postgresql://"


def test_settings_with_two_faults_name_both(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PLACET_REGISTRY_PORT", "x")
    environment.setenv("PLACET_LOG_LEVEL", "x")
    assert len(complaint().splitlines()) == 2


def test_settings_do_not_show_secrets() -> None:
    assert "hunter2" not in repr(ProbeSettings.load())


def test_secret_from_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://placet_probe:from_file@localhost/placet\n")
    environment.delenv("PLACET_REGISTRY_DATABASE_URL")
    environment.setenv("PLACET_REGISTRY_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert ProbeSettings.load().database_url.get_secret_value() == "postgresql://placet_probe:from_file@localhost/placet"


def test_secret_given_twice_is_refused_and_not_told(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(URL)
    environment.setenv("PLACET_REGISTRY_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert complaint().startswith("PLACET_REGISTRY_DATABASE_URL and PLACET_REGISTRY_DATABASE_URL_FILE are both set")
    assert "hunter2" not in complaint()


def test_secret_in_a_file_that_can_not_be_used(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PLACET_REGISTRY_MIGRATION_URL_FILE", str(tmp_path / "none"))
    assert "PLACET_REGISTRY_MIGRATION_URL_FILE" in complaint()
    assert "can't be read" in complaint()
    (tmp_path / "none").write_text("\n")
    assert complaint().endswith("is empty.")
    (tmp_path / "none").write_text("mysql://me:hunter2@db/x")
    assert complaint() == "PLACET_REGISTRY_MIGRATION_URL: must be a URL that begins with postgresql://"


def test_what_is_no_secret_has_no_file(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PLACET_REGISTRY_PORT_FILE", "/etc/hostname")
    assert complaint().startswith("PLACET_REGISTRY_PORT_FILE is no setting")


def test_service_token_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("placet_x\n")
    assert ProbeSettings.load(service_token_file=tmp_path / "token").service_token() == "placet_x"


def test_service_token_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PLACET_REGISTRY_SERVICE_TOKEN_FILE is not set"):
        ProbeSettings.load().service_token()
    with pytest.raises(SettingsError, match="can't be read"):
        ProbeSettings.load(service_token_file=tmp_path / "none").service_token()


def test_table_names_every_variable_once() -> None:
    table = settings_table(CommonSettings, ProbeSettings)
    assert table.count("`PLACET_DATA_DIR`") == 1
    assert "| `PLACET_REGISTRY_SCHEMA` | the service's name | Schema of the service's tables. |" in table
    assert "| `PLACET_REGISTRY_PORT` | `8401` |" in table
    assert table.count("Or `…_FILE`.") == 2
    assert "| `PLACET_REGISTRY_DATABASE_URL` | **required** |" in table
    assert "None" not in table
