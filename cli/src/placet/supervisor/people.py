"""Who exists on a machine that nobody has set up yet: the services' own accounts, and a few people to try things with.

approval-service makes them from the file that is written here; the tokens stay in files of their own and are never shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from placet.embedded.data_folder import DataFolder
from placet.embedded.roles import SOURCES
from placet.embedded.secret_files import keep_secret
from placet_shared.tokens import new_token

__all__ = ["DEMO_PEOPLE", "DEMO_PIPELINE", "service_token_file", "write_people"]

_HEADING = "# Written by `placet up` at each start; approval-service makes whoever is missing. To add people, use the API.\n"


@dataclass(frozen=True, slots=True)
class _Somebody:
    name: str
    role: str


DEMO_PEOPLE = (
    _Somebody("alice", "developer"),
    _Somebody("bob", "reviewer"),
    _Somebody("carol", "risk-officer"),
    _Somebody("dora", "admin"),
    _Somebody("erin", "auditor"),
)
DEMO_PIPELINE = _Somebody("ci", "pipeline")


def service_token_file(folder: DataFolder, source: str) -> Path:
    """The file with the token of a service's own account."""
    return folder.secrets / f"{source}.token"


def write_people(folder: DataFolder, *, with_demo: bool) -> bool:
    """Make the tokens that are missing and the file that names them all; True when demo people were made now."""
    first_time = with_demo and not any(folder.tokens.glob("*.token"))
    demo = (*DEMO_PEOPLE, DEMO_PIPELINE) if with_demo else ()
    for file in (*(service_token_file(folder, source) for source in SOURCES), *(_demo_token_file(folder, one) for one in demo)):
        keep_secret(file, new_token)
    document = {
        "people": [{**_entry(folder, person), "display_name": person.name.capitalize()} for person in DEMO_PEOPLE if with_demo],
        "service_accounts": [*_services(folder), *(_entry(folder, one) for one in (DEMO_PIPELINE,) if with_demo)],
    }
    _replace(folder.people, _HEADING + yaml.safe_dump(document, sort_keys=False))
    return first_time


def _services(folder: DataFolder) -> Iterable[dict[str, object]]:
    for source in SOURCES:
        yield {"name": source, "roles": ["service"], "token_file": str(service_token_file(folder, source))}


def _entry(folder: DataFolder, somebody: _Somebody) -> dict[str, object]:
    return {"name": somebody.name, "roles": [somebody.role], "token_file": str(_demo_token_file(folder, somebody))}


def _demo_token_file(folder: DataFolder, somebody: _Somebody) -> Path:
    return folder.tokens / f"{somebody.name}.token"


def _replace(file: Path, text: str) -> None:
    unfinished = file.with_name(file.name + ".new")
    unfinished.write_text(text)
    unfinished.chmod(0o600)
    unfinished.rename(file)
