"""Data as a command names them, `ROLE=DATA`: a file on this machine, a SHA-256, or a data set in the registry."""

import re
from collections.abc import Sequence
from pathlib import Path

import typer

from placet_client import Client

__all__ = ["HELP", "used_data"]

HELP = "train, validation, test or reference data: a file, its SHA-256, or a data set as NAME or NAME/NUMBER. Repeatable."

SHA256 = re.compile(r"[0-9a-fA-F]{64}")
DATA_SET = re.compile(r"([a-z][a-z0-9_.-]{0,62})(?:/([1-9][0-9]{0,8}))?")


def used_data(given: Sequence[str] | None, placet: Client) -> list[dict[str, str]]:
    """Each with its role and digest. A file is taken before a data set of the same name, and `./NAME` is always a file."""
    return [_one(each, placet) for each in given or ()]


def _one(given: str, placet: Client) -> dict[str, str]:
    role, _, where = given.partition("=")
    if not role or not where:
        raise typer.BadParameter(f"{given!r} has to be ROLE=DATA, such as train=data.csv.", param_hint="--data")
    if SHA256.fullmatch(where):
        return {"role": role, "sha256": where.lower()}
    named = DATA_SET.fullmatch(where)
    if named and not Path(where).exists():
        return {"role": role, "sha256": placet.registry.dataset(named[1], int(named[2]) if named[2] else None).sha256}
    try:
        return {"role": role, "sha256": placet.registry.digest_of(Path(where))}
    except OSError as error:
        raise typer.BadParameter(f"{where} can't be read: {error.strerror}.", param_hint="--data") from error
