"""The people of the story: each with a token of their own, all sharing the positions that any of them has seen."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from placet_client import Addresses, Client, Positions, find_token

__all__ = ["DemoPeople", "connect_people"]


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """alice trains and registers, bob reviews, carol answers for the risk, dora administers, erin audits, ci deploys.

    `seen` is what any of them has seen.
    """

    alice: Client
    bob: Client
    carol: Client
    dora: Client
    erin: Client
    ci: Client
    seen: Positions


@contextmanager
def connect_people(addresses: Addresses, data_dir: Path, environment: Mapping[str, str]) -> Iterator[DemoPeople]:
    """Connected; raises `NotSignedIn` when the demo people's tokens are not in the data folder."""
    seen = Positions()
    with ExitStack() as stack:

        def enter(name: str) -> Client:
            return stack.enter_context(Client(addresses, find_token(name, data_dir, environment), seen))

        alice, bob, carol, dora, erin, ci = map(enter, ("alice", "bob", "carol", "dora", "erin", "ci"))
        yield DemoPeople(alice, bob, carol, dora, erin, ci, seen)
