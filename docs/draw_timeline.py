"""Draws `docs/pictures/timeline.svg`: what `placet audit timeline --model sees-doctor` shows after the demo was told.

Run it against an installation that runs, after `make demo`: `.venv/bin/python docs/draw_timeline.py`.
"""

import io
import os
from pathlib import Path

from rich.console import Console
from rich.table import Table

from placet.printing.people import Names
from placet.printing.timeline import entry_columns
from placet_client import Addresses, Client, find_token
from placet_client.folders import data_folder

PICTURE = Path(__file__).with_name("pictures") / "timeline.svg"
STYLES = {"refused": "red", "failed": "red", "denied": "red"}
MODELS = ("sees-doctor", "sees-doctor-quick")


def main() -> None:
    token = find_token("erin", data_folder(), os.environ)
    console = Console(record=True, width=150, file=io.StringIO())
    with Client(Addresses.from_environment(), token) as placet:
        entries = [entry for entry in placet.audit.timeline(1000, order="oldest").items if entry.model_name in MODELS]
        columns = [column for column in entry_columns(Names(placet)) if not column[0].startswith("recorded")]
        table = Table(*[heading for heading, _ in columns], box=None, pad_edge=False, header_style="bold")
        for entry in entries:
            table.add_row(*[value(entry) for _, value in columns], style=STYLES.get(entry.result))
        console.print(table)
    PICTURE.write_text(console.export_svg(title="placet audit timeline", unique_id="timeline"))


if __name__ == "__main__":
    main()
