"""`make compose-secrets`: passwords, database addresses and tokens that docker-compose.yml mounts, each in a file of its own.

Existing secrets are kept, so it may be run again, and their permissions are corrected each time. Only the folder's owner may enter
it. Compose mounts the files one by one, as they are, into containers that run as users of other numbers: each file can be read by
the user of the containers that it is mounted into, and by no other user.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from placet.embedded.reading_rights import Given, let_read
from placet.embedded.roles import database_of, login_role
from placet.embedded.secret_files import keep_secret
from placet.supervisor.people import DEMO_PEOPLE, DEMO_PIPELINE, people_document
from placet_shared.processes import SOURCES
from placet_shared.tokens import new_token

__all__ = ["write_secrets"]

FOLDER = Path(__file__).with_name("local")
SERVER = "postgres"
MIGRATIONS = "placet_migrations"
TOKENS_IN_THE_CONTAINER = "/run/tokens"
# Of our images (deploy/Dockerfile), and of `postgres` in the image of that name, whose psql reads the passwords of the roles.
SERVICES_UID = 10001
POSTGRES_UID = 999
KAFKA_UID = 1000  # of the broker in the image apache/kafka, which reads its administrator's password


def write_secrets(
    folder: Path, *, with_demo_people: bool, services_uid: int = SERVICES_UID, postgres_uid: int = POSTGRES_UID
) -> frozenset[Given]:
    """Make what is missing in `folder`; its `tokens` are for `placet --as NAME`, with PLACET_DATA_DIR naming the folder.

    Gives in which ways the containers' users got the right to read.
    """
    secrets, tokens = folder / "secrets", folder / "tokens"
    for private in (folder, secrets, tokens):
        private.mkdir(mode=0o700, exist_ok=True)
        private.chmod(0o700)
    _write_database_secrets(secrets)
    _write_kafka_secrets(secrets)
    for source in SOURCES:
        keep_secret(secrets / f"{source}.token", new_token)
    for holder in (*DEMO_PEOPLE, DEMO_PIPELINE) if with_demo_people else ():
        keep_secret(tokens / f"{holder.name}.token", new_token)
    _write_bootstrap_file(folder)
    readers = {".password": postgres_uid, ".kafka-properties": KAFKA_UID}
    ways = {let_read(file, readers.get(file.suffix, services_uid)) for file in _mounted(folder)}
    return frozenset(ways)


def _write_database_secrets(folder: Path) -> None:
    """A password for each role, and the whole address for the process that logs in with it."""
    keep_secret(folder / "postgres.password")
    migrations = keep_secret(folder / "migrations.password")
    for source in SOURCES:
        password = keep_secret(folder / f"{source}.password")
        url = keep_secret(folder / f"{source}.url", lambda: _url(login_role(source), password, database_of(source)))  # noqa: B023
        database = urlsplit(url).path.removeprefix("/")
        keep_secret(folder / f"{source}-migration.url", lambda: _former(folder) or _url(MIGRATIONS, migrations, database))  # noqa: B023


def _url(role: str, password: str, database: str) -> str:
    return f"postgresql://{role}:{password}@{SERVER}/{database}"


def _former(folder: Path) -> str | None:
    """The one address for all migrations, where an earlier release or an operator has made a single database for all services."""
    former = folder / "migration.url"
    return former.read_text().strip() if former.exists() else None


def _write_bootstrap_file(folder: Path) -> None:
    """The service's tokens lie beside it, under the names that docker-compose.yml gives them."""
    introduced = any((folder / "tokens").iterdir())
    document = people_document(
        lambda source: f"{source}_token", lambda name: f"{TOKENS_IN_THE_CONTAINER}/{name}.token", with_demo=introduced
    )
    file = folder / "bootstrap.yaml"
    if not file.exists() or file.read_text() != document:
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(document)


def _write_kafka_secrets(folder: Path) -> None:
    """A password for each service's user, and the administrator's, which the broker itself reads as a property."""
    for source in SOURCES:
        keep_secret(folder / f"{source}.kafka")
    password = keep_secret(folder / "admin.kafka")
    keep_secret(folder / "admin.kafka-properties", lambda: f"password={password}")


def _mounted(folder: Path) -> Iterator[Path]:
    """All files, and the one folder that is mounted as a whole."""
    yield folder / "bootstrap.yaml"
    yield folder / "tokens"
    yield from (folder / "tokens").iterdir()
    yield from (folder / "secrets").iterdir()


def _write_kafka_secrets(folder: Path) -> None:
    """A password for each service's user, and the administrator's, which the broker itself reads as a property."""
    for source in SOURCES:
        keep_secret(folder / f"{source}.kafka")
    password = keep_secret(folder / "admin.kafka")
    keep_secret(folder / "admin.kafka-properties", lambda: f"password={password}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the secrets, and print where they are."""
    parser = argparse.ArgumentParser(description="Makes the secrets that docker-compose.yml mounts.")
    parser.add_argument("--with-demo-people", action="store_true", help="people to try things with, as `make run` makes them")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    users = "the user of {} as this machine numbers it; another one than %(default)s where the engine maps users"
    parser.add_argument("--services-uid", type=int, default=SERVICES_UID, help=users.format("our containers"))
    parser.add_argument("--postgres-uid", type=int, default=POSTGRES_UID, help=users.format("PostgreSQL's"))
    asked = parser.parse_args(arguments)
    ways = write_secrets(
        asked.folder, with_demo_people=asked.with_demo_people, services_uid=asked.services_uid, postgres_uid=asked.postgres_uid
    )
    print(f"Secrets are in {asked.folder}. Keep them as long as the volumes; they are in no backup of the database.")
    if Given.EVERYBODY in ways:
        print("This file system has no access control lists, so only that folder keeps other users from reading them.")


if __name__ == "__main__":
    main()
