"""Removes what a killed supervisor leaves: a server that still runs on our folder, or the pid file of one that does not.

The caller holds the lock of the data folder, so no supervisor needs the processes that still run there.
"""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from placet.embedded.problems import CannotStart

__all__ = ["clear_leftovers"]

_SHUTDOWN_TAKES = 20.0
_NOTICING_TAKES = 2.0
_GLANCE = 0.02


async def clear_leftovers(postgres_folder: Path) -> None:
    """End every server process that works in `postgres_folder`, then remove the pid file, which is stale by now.

    A postmaster gets a fast shutdown; its backends end when they notice that it is gone. A process that does not end is killed: the
    next start recovers everything that was committed.
    """
    left = _processes_in(postgres_folder)
    postmasters = [process for process in left if process.pid == _recorded_pid(postgres_folder)]
    _send(postmasters, signal.SIGINT)
    await _wait_until_gone(postmasters, _SHUTDOWN_TAKES)
    await _wait_until_gone(left, _NOTICING_TAKES)
    _send(_processes_in(postgres_folder), signal.SIGKILL)
    await _wait_until_gone(left, _NOTICING_TAKES)
    if left := _processes_in(postgres_folder):
        raise CannotStart(f"Process {left[0].pid} still works on {postgres_folder} and can't be ended; stop it and start again.")
    (postgres_folder / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(folder: Path) -> list[psutil.Process]:
    """Found by working directory: a server's processes have its data folder as theirs."""
    wanted = str(folder.resolve())
    running = psutil.process_iter(["cwd", "name"])
    return [process for process in running if process.info["cwd"] == wanted and process.info["name"] == "postgres"]


def _recorded_pid(folder: Path) -> int | None:
    try:
        first = (folder / "postmaster.pid").read_text().split("\n", 1)[0]
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _send(processes: list[psutil.Process], sent: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(sent)


async def _wait_until_gone(processes: list[psutil.Process], seconds: float) -> None:
    """They are not children of this process, so it polls until they are gone."""
    for _ in range(round(seconds / _GLANCE)):
        if not any(_runs(process) for process in processes):
            return
        await asyncio.sleep(_GLANCE)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
