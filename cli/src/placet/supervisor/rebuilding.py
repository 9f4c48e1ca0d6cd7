"""Runs acts of a service's own process (`placet rebuild`, `placet restore declare`) on the running installation."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from placet.embedded.assembly import running_cluster
from placet.embedded.data_folder import DataFolder
from placet.embedded.parent_death import ending_with_parent
from placet.embedded.problems import CannotStart
from placet.supervisor.addresses import addresses
from placet.supervisor.databases import DatabaseUrls, embedded_sources, embedded_urls
from placet.supervisor.environment import Surroundings
from placet_shared.processes import PROCESSES, python_command

__all__ = ["rebuild", "run_act"]

_INTERRUPTED = 130  # as shells do


def rebuild(data_dir: Path, source: str, projection: str, environment: Mapping[str, str] = os.environ) -> int:
    """Runs to its end; the exit code: 0 rebuilt, 1 not, 2 for an unknown projection."""
    return run_act(data_dir, source, ["rebuild", projection], environment)


def run_act(data_dir: Path, source: str, words: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Runs to its end, with its output on this terminal; returns its exit code."""
    folder = DataFolder(data_dir.expanduser().absolute())
    process = next(process for process in PROCESSES if process.source == source and process.serves)
    try:
        surroundings = Surroundings(environment, folder, addresses(environment), _embedded(folder, source, environment))
    except CannotStart as reason:
        print(f"placet: {reason}", file=sys.stderr, flush=True)
        return 1
    command = ending_with_parent(python_command([*process.words, *words]), parent_died=signal.SIGKILL)
    try:
        return subprocess.run(command, env=surroundings.for_migrating(source), stdin=subprocess.DEVNULL, check=False).returncode
    except KeyboardInterrupt:
        return _INTERRUPTED


def _embedded(folder: DataFolder, source: str, environment: Mapping[str, str]) -> Mapping[str, DatabaseUrls]:
    """The URL of the running server; raises `NothingRuns` when there is none. Empty for a server of the operator's own."""
    if source not in embedded_sources(environment):
        return {}
    return {source: embedded_urls(running_cluster(folder), folder, source)}
