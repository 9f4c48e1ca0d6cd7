"""Folders of this machine: the data folder with its tokens, and the command line's configuration and state."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["config_folder", "data_folder", "state_folder"]


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`PLACET_DATA_DIR`; by default `/var/lib/placet` for root, else `$XDG_DATA_HOME/placet`."""
    if given := environment.get("PLACET_DATA_DIR"):
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/lib/placet")
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "placet"


def config_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_CONFIG_HOME/placet`, by default below `~/.config`."""
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "placet"


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_STATE_HOME/placet`, by default below `~/.local/state`."""
    return Path(environment.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "placet"
