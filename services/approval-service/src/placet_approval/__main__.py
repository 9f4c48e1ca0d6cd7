"""`python -m placet_approval` serves.

Further acts: `migrate` prepares the database, `add-admin NAME` adds an admin, `issue-token NAME` makes a token for a person,
`rebuild PROJECTION` rebuilds a projection's tables.
"""

import sys

from placet_approval.migrations import MIGRATIONS
from placet_approval.settings import ApprovalSettings
from placet_shared.service.migrating import MIGRATE, migrate_process

__all__ = ["main"]


def main() -> int:
    """The process's exit code."""
    if sys.argv[1:] == [MIGRATE]:
        return migrate_process(ApprovalSettings, MIGRATIONS)
    from placet_approval.process import run  # a migration needs none of it, and it takes most of a second to load

    return run()


if __name__ == "__main__":
    sys.exit(main())
