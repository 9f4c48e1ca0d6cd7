"""What the client knows by itself is what the settings of the services say: it shares no code with them."""

import os
from pathlib import Path

import pytest

from placet_client import SERVICES, Addresses, ClientError
from placet_client.folders import data_folder
from placet_shared.settings import CommonSettings, SettingsError


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PLACET_", "XDG_"))]:
        monkeypatch.delenv(name)


def test_addresses_and_data_folder_are_those_of_the_services() -> None:
    settings = CommonSettings.load()
    assert {service: Addresses.from_environment().of(service) for service in SERVICES} == {
        service: getattr(settings, f"{service}_url") for service in SERVICES
    }
    assert data_folder() == settings.data_dir


def test_variables_mean_the_same_to_both(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLACET_AUDIT_URL", "https://audit.example.org/placet/")
    monkeypatch.setenv("PLACET_REGISTRY_URL", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings, addresses = CommonSettings.load(), Addresses.from_environment()
    assert (addresses.audit, addresses.registry) == (settings.audit_url, settings.registry_url)
    assert data_folder() == settings.data_dir
    monkeypatch.setenv("PLACET_DATA_DIR", str(tmp_path / "data"))
    assert data_folder() == CommonSettings.load().data_dir


def test_address_that_is_none_is_told_by_both_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACET_AUDIT_URL", "ftp://bob:secret@audit.example.org")
    with pytest.raises(SettingsError) as settings:
        CommonSettings.load()
    with pytest.raises(ClientError) as client:
        Addresses.from_environment()
    assert str(client.value) == str(settings.value)
