"""`placet logs`: what the processes of `placet up` wrote, and what they write now."""

import re
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from placet.commands.up import DataDir
from placet.log_lines import LogLine, Tail, merged
from placet_client.printing.form import Form, printed
from placet_client.printing.words import plain
from placet_client.printing.yaml_text import as_yaml
from placet_client.problems import Missing
from placet_shared.settings import default_data_dir

__all__ = ["logs"]

LOOK_EVERY = 0.3
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Names = Annotated[
    list[str] | None, typer.Argument(metavar="PROCESS", help="registry, audit, postgres …; by default all.", show_default=False)
]


def logs(
    process: Names = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on, until Ctrl-C.")] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="10m, 2h, 3d, or RFC 3339 such as 2027-06-30T12:00:00Z; all since then.", show_default=False),
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Without --since: how many of the last ones.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Lines as they stand in the files, one by one.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Show what the processes of `placet up` wrote on this machine, in the order of time.

    Containers: docker compose logs.
    """
    files = _files((data_dir or default_data_dir()).expanduser() / "logs", process)
    tails = [Tail(file) for file in files] if follow else []
    begin = _time(since) if since else None
    found: Iterable[LogLine] = merged(files, begin)
    try:
        _show(found if begin else deque(found, maxlen=lines), as_json)
        while follow:
            _show(sorted(line for tail in tails for line in tail.new_lines()), as_json)
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        return
    finally:
        for tail in tails:
            tail.close()


def _files(folder: Path, processes: Sequence[str] | None) -> list[Path]:
    there = {file.stem: file for file in sorted(folder.glob("*.log"))}
    if not there:
        raise Missing(f"There are no logs in {folder}.", "Start Placet with `placet up`, or name its folder with PLACET_DATA_DIR.")
    wanted = [name.removesuffix("-service") for name in processes or there]
    for name in wanted:
        if name not in there:
            raise typer.BadParameter(f"there is no log of {name}; there are {', '.join(there)}.", param_hint="PROCESS")
    return [there[name] for name in dict.fromkeys(wanted)]


def _show(lines: Iterable[LogLine], as_json: bool) -> None:
    for line in lines:
        if printed().form is Form.YAML:
            print(f"---\n{as_yaml(line.members())}", flush=True)
        else:
            print(plain(line.raw if as_json else line.in_words()), flush=True)


def _time(text: str) -> datetime:
    if ago := re.fullmatch(r"([0-9]{1,6})([smhd])", text):
        return datetime.now(UTC) - timedelta(seconds=int(ago[1]) * UNITS[ago[2]])
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is neither like 10m nor like 2027-06-30T12:00:00Z.", param_hint="--since") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
