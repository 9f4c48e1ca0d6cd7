"""`python -m placet_registry` serves; `migrate` prepares the database, `rebuild PROJECTION` rebuilds its tables from the events."""

import sys

from placet_registry.migrations import MIGRATIONS
from placet_registry.settings import RegistrySettings
from placet_shared.service.migrating import MIGRATE, migrate_process

__all__ = ["main"]


def main() -> int:
    """The process's exit code."""
    if sys.argv[1:] == [MIGRATE]:
        return migrate_process(RegistrySettings, MIGRATIONS)
    from placet_registry.process import run  # a migration needs none of it, and it takes most of a second to load

    return run()


if __name__ == "__main__":
    sys.exit(main())
