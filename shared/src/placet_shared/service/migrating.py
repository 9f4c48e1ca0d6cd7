"""`python -m placet_<source> migrate`: a process that loads only what it needs, since every start of an installation runs one a service."""

import asyncio
import sys

from placet_shared.logs import configure_logging
from placet_shared.postgres import Migrations, migrate, role_of
from placet_shared.settings import ServiceSettings, SettingsError

__all__ = ["MIGRATE", "migrate_process"]

MIGRATE = "migrate"


def migrate_process(settings_class: type[ServiceSettings], migrations: Migrations) -> int:
    """Bring the database to this release's schema; gives the exit code, 2 for settings that can't be used."""
    try:
        settings = settings_class.load()
        configure_logging(settings_class.SOURCE, settings.log_level)
        return asyncio.run(_migrate(settings, migrations))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


async def _migrate(settings: ServiceSettings, migrations: Migrations) -> int:
    """Apply the missing migrations and print them; raises `SettingsError` when the role that may create tables is not set."""
    if settings.migration_url is None:
        raise SettingsError(f"PLACET_{settings.SOURCE.upper()}_MIGRATION_URL is not set: it names the role that may create tables.")
    role = role_of(settings.database_url.get_secret_value())
    applied = await migrate(settings.migration_url.get_secret_value(), settings.database_schema, migrations, service_role=role)
    print(f"applied {', '.join(applied)}" if applied else "nothing to apply")
    return 0
