"""The embedded PostgreSQL: a server from a Python wheel, for one machine without an installed one."""

from placet.embedded.assembly import open_cluster
from placet.embedded.cluster import Cluster
from placet.embedded.data_folder import DataFolder
from placet.embedded.problems import CannotStart
from placet.embedded.roles import create_databases

__all__ = ["CannotStart", "Cluster", "DataFolder", "create_databases", "open_cluster"]
