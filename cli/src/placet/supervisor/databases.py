"""The database of each service: the operator's own when a URL is set for it, an embedded one otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from placet.embedded.carrying_over import carry_over
from placet.embedded.cluster import Cluster
from placet.embedded.data_folder import DataFolder
from placet.embedded.roles import create_databases, database_of, login_role
from placet.embedded.secret_files import keep_secret
from placet_shared.processes import SOURCES

__all__ = ["DatabaseUrls", "create_embedded", "embedded_sources", "embedded_urls"]


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """A service's login role, and the role that migrates its tables."""

    login: str
    migration: str


def embedded_sources(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The services for which the operator names no server; none of them means: no embedded PostgreSQL."""
    return tuple(source for source in SOURCES if not any(environment.get(name) for name in _variables(source)))


def _variables(source: str) -> tuple[str, str]:
    url = f"PLACET_{source.upper()}_DATABASE_URL"
    return url, f"{url}_FILE"


def embedded_urls(cluster: Cluster, folder: DataFolder, source: str) -> DatabaseUrls:
    return DatabaseUrls(
        login=cluster.url(database_of(source), login_role(source), _password(folder, source)),
        migration=cluster.url(database_of(source)),
    )


async def create_embedded(cluster: Cluster, folder: DataFolder, say: Callable[[str], None] = lambda line: None) -> None:
    """Create missing databases, schemas and roles; raises `CannotCarryOver` for those of an earlier release."""
    await carry_over(cluster.url, say)
    await create_databases(cluster.url, {source: _password(folder, source) for source in SOURCES})


def _password(folder: DataFolder, source: str) -> str:
    return keep_secret(folder.secrets / f"{source}.password")
