"""The people of the whole process: those of the demo, and four of its own whom dora adds, with tokens where `--as NAME` finds them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from placet.demo.environments import NameTaken
from placet.demo.people import DemoPeople
from placet_client import Addresses, Client
from placet_client.problems import Missing, Problem

__all__ = ["BEA", "NORA", "OLAF", "SAM", "Cast", "add_people", "assemble", "refuse_other_people", "with_fresh_token"]

SAM, BEA, NORA, OLAF = "demo-sam", "demo-bea", "demo-nora", "demo-olaf"
ROLES: Mapping[str, str] = {SAM: "demo-operations", BEA: "demo-business", NORA: "demo-deputy", OLAF: "demo-on-call"}
TOKEN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cast:
    """sam runs the machines, bea speaks for the business, nora stands in for bob; olaf, on call, comes with a token of that minute."""

    demo: DemoPeople
    sam: Client
    bea: Client
    nora: Client


def refuse_other_people(demo: DemoPeople) -> None:
    """Raises `NameTaken` for a person who has one of the names and is not the demo's."""
    for person in demo.dora.approval.people(1000).items:
        if person.name and person.name in ROLES and person.roles != (ROLES[person.name],):
            raise NameTaken(
                f"There is a person {person.name} here with other roles than the demo's, which changes no person but its own.",
                "To see it, use another installation for the demo: PLACET_DATA_DIR=/tmp/demo placet up",
            )


def add_people(demo: DemoPeople) -> None:
    """dora adds who is missing."""
    known = {person.name for person in demo.dora.approval.people(1000).items}
    for name in ROLES:
        if name not in known:
            demo.dora.approval.add_person(name, name.removeprefix("demo-").capitalize(), None, [ROLES[name]])


@contextmanager
def assemble(demo: DemoPeople, addresses: Addresses, data_dir: Path) -> Iterator[Cast]:
    """Connected; all see what any of them has seen."""
    with ExitStack() as stack:
        yield Cast(demo, *(stack.enter_context(_connected(demo, name, addresses, data_dir)) for name in (SAM, BEA, NORA)))


def with_fresh_token(demo: DemoPeople, name: str, addresses: Addresses, data_dir: Path) -> Client:
    """A client of the person, with a token that dora issues now; close it."""
    return Client(addresses, _issue(demo, name, data_dir), demo.seen)


def _connected(demo: DemoPeople, name: str, addresses: Addresses, data_dir: Path) -> Client:
    """With the token in the file while it is good for an hour, else with a new one."""
    file = _file(data_dir, name)
    if file.exists():
        client = Client(addresses, file.read_text().strip(), demo.seen)
        if _good(client):
            return client
        client.close()
    return with_fresh_token(demo, name, addresses, data_dir)


def _good(client: Client) -> bool:
    try:
        ends = client.approval.whoami().expires_at
    except Problem as problem:
        if problem.status == HTTPStatus.UNAUTHORIZED:
            return False
        raise
    return ends is None or ends > datetime.now(UTC) + timedelta(hours=1)


def _issue(demo: DemoPeople, name: str, data_dir: Path) -> str:
    """dora issues it, for a day; the file is there whole or as it was."""
    issued = demo.dora.approval.issue_token(name, (datetime.now(UTC) + TOKEN_FOR).isoformat())
    if issued.token is None:
        raise Missing("The answer with a token was lost on the way.", "Tell the demo again.")
    file = _file(data_dir, name)
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(issued.token + "\n")
    unfinished.rename(file)
    return issued.token


def _file(data_dir: Path, name: str) -> Path:
    return data_dir / "tokens" / f"{name}.token"
