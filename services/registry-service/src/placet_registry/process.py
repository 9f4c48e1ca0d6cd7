"""The process of registry-service: serving, and `rebuild PROJECTION`."""

from fastapi import FastAPI

from placet_registry.app import registry_app
from placet_registry.bootstrap import REPLAYS
from placet_registry.migrations import MIGRATIONS
from placet_registry.settings import RegistrySettings
from placet_shared.service.process import run_process
from placet_shared.service.rebuild_act import rebuild_act

__all__ = ["run"]


def complete_app(settings: RegistrySettings) -> FastAPI:
    """The application; raises `SettingsError` at once when it could not authenticate any caller."""
    settings.service_token()
    return registry_app(settings)


def run() -> int:
    """The process's exit code."""
    return run_process(RegistrySettings, complete_app, MIGRATIONS, [rebuild_act(RegistrySettings, MIGRATIONS, REPLAYS)])
