"""`python -m placet_audit` serves; `migrate` prepares the database, `rebuild PROJECTION` rebuilds a projection's tables."""

import sys

from placet_audit.migrations import MIGRATIONS
from placet_audit.settings import AuditSettings
from placet_shared.service.migrating import MIGRATE, migrate_process

__all__ = ["main"]


def main() -> int:
    """The process's exit code."""
    if sys.argv[1:] == [MIGRATE]:
        return migrate_process(AuditSettings, MIGRATIONS)
    from placet_audit.process import run  # a migration needs none of it, and it takes most of a second to load

    return run()


if __name__ == "__main__":
    sys.exit(main())
