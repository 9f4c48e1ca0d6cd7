"""`python -m placet_registry` serves; `python -m placet_registry migrate` prepares the database."""

import sys

from fastapi import FastAPI

from placet_registry.app import registry_app
from placet_registry.bootstrap import MIGRATIONS
from placet_registry.settings import RegistrySettings
from placet_shared.process import run_process

__all__ = ["main"]


def complete_app(settings: RegistrySettings) -> FastAPI:
    """The application; raises `SettingsError` at once when it could authenticate nobody."""
    settings.service_token()
    return registry_app(settings)


def main() -> int:
    """The process's exit code."""
    return run_process(RegistrySettings, complete_app, MIGRATIONS)


if __name__ == "__main__":
    sys.exit(main())
