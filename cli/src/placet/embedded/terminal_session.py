"""psql on the embedded PostgreSQL: which login it uses, and the environment that it runs in."""

import asyncio
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from placet.embedded.assembly import running_cluster
from placet.embedded.cluster import SUPERUSER
from placet.embedded.data_folder import DataFolder
from placet.embedded.roles import READER, create_reader_login, database_of, login_role
from placet.embedded.secret_files import keep_secret

__all__ = ["Login", "psql_of"]


class Login(StrEnum):
    """`reader` may read the views of the audit log; `service` is the service's own role; `superuser` may do anything."""

    READER = "reader"
    SERVICE = "service"
    SUPERUSER = "superuser"


def psql_of(data_dir: Path, source: str, login: Login, environment: Mapping[str, str] = os.environ) -> tuple[Path, dict[str, str]]:
    """The program, and its environment, which holds the password; raises `CannotStart` when no Placet runs on the folder."""
    folder = DataFolder(data_dir.expanduser().absolute())
    cluster = running_cluster(folder)
    if login is Login.READER:
        user, password = READER, keep_secret(folder.secrets / "reader.password")
        asyncio.run(create_reader_login(cluster.url, password))
    elif login is Login.SERVICE:
        user, password = login_role(source), keep_secret(folder.secrets / f"{source}.password")
    else:
        user, password = SUPERUSER, cluster.password
    kept = {name: value for name, value in environment.items() if not name.startswith("PG")}
    where = {"PGHOST": str(cluster.sockets), "PGPORT": "5432", "PGDATABASE": database_of(source)}
    return cluster.programs.psql, {**kept, **where, "PGUSER": user, "PGPASSWORD": password, "PGAPPNAME": "placet psql"}
