"""`placet explain`: what a code means, and what to do now; it asks no service."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from placet_client.codes import GROUPS, KnownCode, codes_near, codes_of, find_codes, known_codes
from placet_client.commands.session import AsJson
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.problems import ClientError

__all__ = ["completed", "explain"]


def completed(incomplete: str) -> list[str]:
    """Codes and groups, for the shell."""
    names = dict.fromkeys([*GROUPS, *(known.name for known in known_codes())])
    return [name for name in names if name.startswith(incomplete)]


Codes = Annotated[
    list[str] | None,
    typer.Argument(metavar="CODE", help="As messages show it: gate.stale, or stale; or a group, such as gate.", autocompletion=completed),
]


def explain(codes: Codes = None, as_json: AsJson = False) -> None:
    """What a code means that a message, a report or a problem document shows, and what to do now. Without a code, all of them.

    Exit code: 0 explained, 2 there is no such code.
    """
    wanted = codes or list(GROUPS)
    found = [known for code in wanted for known in _meant(code)]
    if as_json:
        return show_json([asdict(known) for known in found])
    show_names(dict.fromkeys(known.name for known in found))
    for code in wanted:
        if code in GROUPS:
            _list(code)
        else:
            for known in _meant(code):
                _explain(known)
    if not codes:
        note("`placet explain CODE` says what to do about one.")


def _meant(code: str) -> Sequence[KnownCode]:
    found = codes_of(code) if code in GROUPS else find_codes(code)
    if not found:
        near = codes_near(code)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise ClientError(f"There is no code {code}.", f"{meant}`placet explain` lists all.")
    return found


def _list(group: str) -> None:
    show_line(f"{group}: {GROUPS[group]}", "bold")
    columns: tuple[Column[KnownCode], ...] = (("code", lambda known: known.name), ("meaning", lambda known: known.meaning))
    show_table(columns, {known.name: known for known in codes_of(group)}.values(), "There is none.")
    show_line("")


def _explain(known: KnownCode) -> None:
    show_line(f"{known.name}{f' ({known.service}-service)' if known.service else ''}", "bold")
    show_line(f"  {known.meaning}")
    show_line(f"  → {known.resolve}")
    show_line(f"  read: {known.page}", "dim")
