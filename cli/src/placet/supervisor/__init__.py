"""Runs all of Placet on one machine: PostgreSQL, the services, a worker; `placet up` calls `up`."""

from placet.supervisor.supervisor import up

__all__ = ["up"]
