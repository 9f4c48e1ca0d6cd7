"""What tests, benchmarks and attacks share: waiting, databases, served applications and sources, known tokens."""

from placet_shared.testing.databases import (
    PASSWORD,
    DatabaseServer,
    DatabaseSite,
    PrepareDatabase,
    as_role,
    connected,
    create_role,
    execute,
    prepare_schema,
    service_role,
)
from placet_shared.testing.environments import clean_environment, is_setting, traversable_folder
from placet_shared.testing.known_tokens import KnownTokens
from placet_shared.testing.memory_store import MemoryEventStore, MemoryTables
from placet_shared.testing.partial_service import partial_service
from placet_shared.testing.restores import copy_data_folder, restart_server, restore_backup
from placet_shared.testing.served import Served, ServedApp, served
from placet_shared.testing.sources import STORE_TABLES, ServedSource, feed_app, no_lifespan, open_source
from placet_shared.testing.waiting import DEADLINE, eventually, eventually_blocking

__all__ = [
    "DEADLINE",
    "PASSWORD",
    "STORE_TABLES",
    "DatabaseServer",
    "DatabaseSite",
    "KnownTokens",
    "MemoryEventStore",
    "MemoryTables",
    "PrepareDatabase",
    "Served",
    "ServedApp",
    "ServedSource",
    "as_role",
    "clean_environment",
    "connected",
    "copy_data_folder",
    "create_role",
    "eventually",
    "eventually_blocking",
    "execute",
    "feed_app",
    "is_setting",
    "no_lifespan",
    "open_source",
    "partial_service",
    "prepare_schema",
    "restart_server",
    "restore_backup",
    "served",
    "service_role",
    "traversable_folder",
]
