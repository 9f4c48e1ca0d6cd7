"""The service's tables, in numbered files that are applied in their order and never changed."""

from placet_shared.postgres import Migrations

__all__ = ["MIGRATIONS"]

MIGRATIONS = Migrations("placet_shared.event_store", "placet_shared.bus", "placet_shared.access", "placet_verification")
