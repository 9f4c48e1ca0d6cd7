"""`python -m placet_verification` serves.

Further acts: `worker` verifies models, `migrate` prepares the database, `rebuild PROJECTION` rebuilds a projection's tables.
"""

import sys

from placet_shared.service.migrating import MIGRATE, migrate_process
from placet_verification.migrations import MIGRATIONS
from placet_verification.settings import VerificationSettings

__all__ = ["main"]


def main() -> int:
    """The process's exit code."""
    if sys.argv[1:] == [MIGRATE]:
        return migrate_process(VerificationSettings, MIGRATIONS)
    from placet_verification.process import run  # a migration needs none of it, and it takes most of a second to load

    return run()


if __name__ == "__main__":
    sys.exit(main())
