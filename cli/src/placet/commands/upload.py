"""`placet upload`: bytes into the registry, by their digest."""

from pathlib import Path
from typing import Annotated

import typer

from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import show_json, show_line, show_names

__all__ = ["upload"]


def upload(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Upload a file, unless the registry has it, and print its SHA-256. For developers and admins."""
    with installation(who) as placet:
        sha256 = placet.registry.upload(file)
    if as_json:
        return show_json({"sha256": sha256, "size": file.stat().st_size})
    show_names([sha256])
    show_line(sha256)
