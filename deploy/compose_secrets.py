"""`make compose-secrets`: passwords, database addresses and tokens that docker-compose.yml mounts, each in a file of its own.

What is there already is kept, so it may be run again. Containers read these files as users that this machine does not know, and
the files are mounted one by one: so everybody may read them, and nobody but their owner may enter the folder that they lie in.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from placet.embedded.roles import DATABASE, SOURCES, login_role
from placet.embedded.secret_files import keep_secret
from placet.supervisor.people import DEMO_PEOPLE, DEMO_PIPELINE, people_document
from placet_shared.tokens import new_token

__all__ = ["write_secrets"]

FOLDER = Path(__file__).with_name("local")
SERVER = "postgres"
MIGRATIONS = "placet_migrations"
TOKENS_IN_THE_CONTAINER = "/run/tokens"


def write_secrets(folder: Path, *, with_demo_people: bool) -> None:
    """Make what is missing in `folder`; its `tokens` are for `placet --as NAME`, with PLACET_DATA_DIR naming the folder."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for inside in (folder / "secrets", folder / "tokens"):
        inside.mkdir(exist_ok=True)
        inside.chmod(0o755)
    _write_database_secrets(folder / "secrets")
    for source in SOURCES:
        keep_secret(folder / "secrets" / f"{source}.token", new_token)
    for somebody in (*DEMO_PEOPLE, DEMO_PIPELINE) if with_demo_people else ():
        keep_secret(folder / "tokens" / f"{somebody.name}.token", new_token)
    introduced = any((folder / "tokens").iterdir())
    # the service's tokens lie beside the bootstrap file, under the names that docker-compose.yml gives them
    document = people_document(
        lambda source: f"{source}_token", lambda name: f"{TOKENS_IN_THE_CONTAINER}/{name}.token", with_demo=introduced
    )
    (folder / "bootstrap.yaml").write_text(document)
    for file in folder.rglob("*.*"):
        file.chmod(0o444 if file.name != "bootstrap.yaml" else 0o644)


def _write_database_secrets(folder: Path) -> None:
    """A password for each role, and the whole address for whoever logs in with it."""
    keep_secret(folder / "postgres.password")
    for role, password, url in (
        *((login_role(source), f"{source}.password", f"{source}.url") for source in SOURCES),
        (MIGRATIONS, "migrations.password", "migration.url"),
    ):
        secret = keep_secret(folder / password)
        keep_secret(folder / url, lambda role=role, secret=secret: f"postgresql://{role}:{secret}@{SERVER}/{DATABASE}")  # type: ignore[misc]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write, and say where."""
    parser = argparse.ArgumentParser(description="Makes the secrets that docker-compose.yml mounts.")
    parser.add_argument("--with-demo-people", action="store_true", help="people to try things with, as `make run` makes them")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args(arguments)
    write_secrets(asked.folder, with_demo_people=asked.with_demo_people)
    print(f"Secrets are in {asked.folder}. Keep them as long as the volumes; they are in no backup of the database.")


if __name__ == "__main__":
    main()
