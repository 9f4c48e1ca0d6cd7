"""The first accounts of a new machine: the services' own, and a few demo people.

approval-service makes them from the file that is written here; the tokens stay in files of their own and are never shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from placet.embedded.data_folder import DataFolder
from placet.embedded.secret_files import keep_secret
from placet_shared.processes import SOURCES
from placet_shared.tokens import new_token

__all__ = ["DEMO_PEOPLE", "DEMO_PIPELINE", "people_document", "service_token_file", "write_people"]

_HEADING = "# Written by `placet up` at each start; approval-service adds the missing ones. To add people, use the API.\n"


@dataclass(frozen=True, slots=True)
class _DemoAccount:
    name: str
    role: str


DEMO_PEOPLE = (
    _DemoAccount("alice", "developer"),
    _DemoAccount("bob", "reviewer"),
    _DemoAccount("carol", "risk-officer"),
    _DemoAccount("dora", "admin"),
    _DemoAccount("erin", "auditor"),
)
DEMO_PIPELINE = _DemoAccount("ci", "pipeline")


def service_token_file(folder: DataFolder, source: str) -> Path:
    """The file with the token of a service's own account."""
    return folder.secrets / f"{source}.token"


def write_people(folder: DataFolder, *, with_demo: bool) -> bool:
    """Create missing tokens and the file that names them all; True when demo people were created now."""
    first_time = with_demo and not any(folder.tokens.glob("*.token"))
    demo = (*DEMO_PEOPLE, DEMO_PIPELINE) if with_demo else ()
    for file in (*(service_token_file(folder, source) for source in SOURCES), *(_demo_token_file(folder, one) for one in demo)):
        keep_secret(file, new_token)
    document = people_document(
        lambda source: str(service_token_file(folder, source)), lambda name: str(folder.tokens / f"{name}.token"), with_demo=with_demo
    )
    _replace(folder.people, _HEADING + document)
    return first_time


def people_document(service_token: Callable[[str], str], demo_token: Callable[[str], str], *, with_demo: bool) -> str:
    """The bootstrap file's text; the callables give the token file's path, as approval-service sees it, of a service or a demo account."""

    def services() -> Iterator[dict[str, object]]:
        for source in SOURCES:
            yield {"name": source, "roles": ["service"], "token_file": service_token(source)}

    def demo(*accounts: _DemoAccount) -> Iterator[dict[str, object]]:
        for one in accounts if with_demo else ():
            yield {"name": one.name, "roles": [one.role], "token_file": demo_token(one.name)}

    people = [{**entry, "display_name": str(entry["name"]).capitalize()} for entry in demo(*DEMO_PEOPLE)]
    return yaml.safe_dump({"people": people, "service_accounts": [*services(), *demo(DEMO_PIPELINE)]}, sort_keys=False)


def _demo_token_file(folder: DataFolder, account: _DemoAccount) -> Path:
    return folder.tokens / f"{account.name}.token"


def _replace(file: Path, text: str) -> None:
    unfinished = file.with_name(file.name + ".new")
    unfinished.write_text(text)
    unfinished.chmod(0o600)
    unfinished.rename(file)
