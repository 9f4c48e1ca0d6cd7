"""Finds the token for requests: by a name, from the variable, or from the file."""

import re
from collections.abc import Mapping
from pathlib import Path

from placet_client.problems import NotSignedIn

__all__ = ["checked_token", "find_token"]

TOKEN = re.compile("[!-~]+")


def find_token(name: str | None, data_dir: Path, environment: Mapping[str, str]) -> str:
    """The token of `name` in the data folder; without a name that of PLACET_TOKEN, else of the file PLACET_TOKEN_FILE."""
    if name is not None:
        return _of_name(name, data_dir / "tokens")
    if token := environment.get("PLACET_TOKEN", "").strip():
        return checked_token(token, "PLACET_TOKEN", "Set it to a token as it was issued, in one line.")
    if file := environment.get("PLACET_TOKEN_FILE"):
        return _read(Path(file), "Set PLACET_TOKEN_FILE to a file that holds a token and that you can read.")
    raise NotSignedIn(
        "No token was named.",
        f"`placet login` keeps one. Or set PLACET_TOKEN or PLACET_TOKEN_FILE, or say --as NAME for one in {data_dir / 'tokens'}.",
    )


def checked_token(token: str, where: str, resolve: str) -> str:
    """The token; raises `NotSignedIn` for a text that no request can carry as one."""
    if not TOKEN.fullmatch(token):
        raise NotSignedIn(f"{where} holds no token: it has blanks, or characters that no token has.", resolve)
    return token


def _of_name(name: str, folder: Path) -> str:
    if not name or "/" in name or name.startswith("."):
        raise NotSignedIn(f"{name!r} is no name of a token.", f"Tokens are files in {folder}, such as alice.token for --as alice.")
    there = sorted(file.stem for file in folder.glob("*.token")) if _is_readable(folder) else []
    known = f"There are tokens of {', '.join(there)} in {folder}." if there else f"No token can be read in {folder}; see PLACET_DATA_DIR."
    return _read(folder / f"{name}.token", known)


def _is_readable(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:
        return False


def _read(file: Path, resolve: str) -> str:
    try:
        token = file.read_bytes().decode("ascii", errors="replace").strip()
    except OSError as error:
        raise NotSignedIn(f"{file} can't be read: {error.strerror}.", resolve) from error
    if not token:
        raise NotSignedIn(f"{file} is empty.", resolve)
    return checked_token(token, str(file), resolve)
