"""PostgreSQL as every service uses it: connections, migrations, ownership."""

from placet_shared.postgres.connections import connect, open_pool
from placet_shared.postgres.migrations import Migrations, check_schema, migrate, role_of
from placet_shared.postgres.ownership import refuse_owner
from placet_shared.postgres.waiting import wait_for_database

__all__ = ["Migrations", "check_schema", "connect", "migrate", "open_pool", "refuse_owner", "role_of", "wait_for_database"]
