"""Draws the services into explanation/architecture.md, from the published events, the table of processes and the projections; `make docs`
runs it."""

import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from placet_shared.contracts.catalogue import CATALOGUE
from placet_shared.processes import PORTS, SOURCES

PAGE = Path(__file__).with_name("explanation") / "architecture.md"
BEGIN, END = "<!-- drawn by `make docs` -->\n", "<!-- until here -->\n"
WIDTH = 76
EVERYWHERE = set.intersection(*(set(events) for events in CATALOGUE.values()))
"""Events that every service has; those of audit-service are no others."""


def follows(source: str) -> str:
    """The services whose events it applies, and to what."""
    others = [name for name in SOURCES if name != source and CATALOGUE[name].keys() > EVERYWHERE]
    match source:
        case "audit":
            return f"{', '.join(others)}: all events, into the one log"
        case "approval":
            return f"{', '.join(others)}: what sign-offs and the gate rest on (known)"
        case _:
            return "approval: who holds which token and role (credentials)"


def lines(source: str) -> Iterator[str]:
    """One service."""
    own = [name for name in CATALOGUE[source] if name not in EVERYWHERE]
    projections = list(import_module(f"placet_{source}.bootstrap").REPLAYS)
    yield f"{source}-service, port {PORTS[source]}"
    facts = {
        "records": ", ".join(own) or "nothing but its own refusals",
        "follows": follows(source),
        "projections": ", ".join(projections),
    }
    for name, text in facts.items():
        for place, line in enumerate(textwrap.wrap(text, WIDTH - 18, break_on_hyphens=False)):
            yield f"  {name if place == 0 else '':<11} {line}"


def picture() -> str:
    """The services, and under them the bus."""
    drawn = ["┌" + "─" * (WIDTH - 2) + "┐"]
    for place, source in enumerate(SOURCES):
        if place:
            drawn.append("├" + "╌" * (WIDTH - 2) + "┤")
        drawn += [f"│ {line:<{WIDTH - 4}} │" for line in lines(source)]
    drawn.append("├" + "═" * (WIDTH - 2) + "┤")
    drawn.append(f"│ {'event bus: the feed of each service, or Apache Kafka':<{WIDTH - 4}} │")
    drawn.append("└" + "─" * (WIDTH - 2) + "┘")
    return "```\n" + "\n".join(drawn) + "\n```\n"


def with_picture(page: str) -> str:
    """The page with today's picture between its two marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{picture()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_picture(PAGE.read_text()))
