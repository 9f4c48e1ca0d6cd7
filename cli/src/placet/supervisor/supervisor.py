"""`placet up`: PostgreSQL, then migrations, then the services, kept running until a request to stop."""

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path

from placet.embedded.assembly import open_cluster
from placet.embedded.data_folder import DataFolder
from placet.embedded.folder_lock import hold_folder
from placet.embedded.problems import CannotStart
from placet.supervisor.addresses import addresses, require_free
from placet.supervisor.child import Child, run_to_end
from placet.supervisor.databases import DatabaseUrls, create_embedded, embedded_sources, embedded_urls
from placet.supervisor.environment import Surroundings
from placet.supervisor.keeper import Keeper, milliseconds_since
from placet.supervisor.people import DEMO_PEOPLE, DEMO_PIPELINE, write_people
from placet.supervisor.postgres import EmbeddedPostgres
from placet.supervisor.programs import Programs
from placet.supervisor.stop_request import StopRequest
from placet.supervisor.terminal import Terminal
from placet_shared.processes import PROCESSES, ServiceProcess

__all__ = ["up"]

_PATIENCE = 10.0
_IMPORTED_LATE = ("httpcore", "uvloop")  # in every service, by the first call that needs it


def up(data_dir: Path, *, processes: Sequence[ServiceProcess] = PROCESSES, environment: Mapping[str, str] = os.environ) -> int:
    """Run Placet on this folder until Ctrl-C or SIGTERM; the exit code: 0 when stopped, 1 when it could not start.

    Call it in the main thread: it handles signals, and its children end when that thread does.
    """
    folder = DataFolder(data_dir.expanduser().absolute())
    try:
        folder.prepare()
        with hold_folder(folder.lock):
            asyncio.run(Supervisor(folder, processes, environment).run())
    except CannotStart as reason:
        print(f"placet: {reason}", file=sys.stderr, flush=True)
        return 1
    return 0


class Supervisor:
    """One run of Placet, from the first line on the terminal to the end of the last process."""

    def __init__(self, folder: DataFolder, processes: Sequence[ServiceProcess], environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._processes = [process for process in processes if process.is_there]
        self._environment = environment
        self._terminal = Terminal()
        self._stop = StopRequest()
        self._programs = Programs(_modules(self._processes), environment)
        self._postgres: EmbeddedPostgres | None = None
        self._children: list[Child] = []
        self._keeping: list[asyncio.Task[None]] = []
        self._began = time.monotonic()

    async def run(self) -> None:
        """Raises CannotStart; nothing that was started still runs when this returns or raises."""
        self._stop.listen()
        self._terminal.say(f"Placet keeps its data in {self._folder.path}")
        working = asyncio.create_task(self._work())
        asked = asyncio.create_task(self._stop.asked.wait())
        try:
            await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = working.done()
            for task in (working, asked, *self._keeping):
                task.cancel()
            await asyncio.wait((working, asked, *self._keeping))
            await self._stop_everything()
        if ended:
            working.result()  # raises what ended it
        self._terminal.say("Stopped.")

    async def _work(self) -> None:
        """Ends only by an exception."""
        where = addresses(self._environment)
        for process in self._processes:
            if process.serves:
                await require_free(where[process.source])
        self._programs.preload()
        embedded = await self._start_postgres()
        self._introduce_people(embedded)
        surroundings = Surroundings(self._environment, self._folder, where, embedded)
        await self._migrate(surroundings)
        await self._start_services(surroundings)
        await asyncio.gather(*self._keeping)

    async def _start_postgres(self) -> Mapping[str, DatabaseUrls]:
        sources = embedded_sources(self._environment)
        if not sources:
            return {}
        cluster = open_cluster(self._folder)
        if await cluster.create():
            self._terminal.about("postgres", f"made a new database in {cluster.folder}")
        self._postgres = EmbeddedPostgres(cluster, self._terminal)
        keeper = Keeper(self._postgres, self._terminal)
        await keeper.begin()
        await create_embedded(cluster, self._folder, lambda line: self._terminal.about("postgres", line))
        self._keep(keeper)
        return {source: embedded_urls(cluster, self._folder, source) for source in sources}

    def _introduce_people(self, embedded: Mapping[str, DatabaseUrls]) -> None:
        """Demo people exist only in the embedded database, never in an operator's server."""
        if write_people(self._folder, with_demo="approval" in embedded):
            names = ", ".join(f"{account.name} ({account.role})" for account in (*DEMO_PEOPLE, DEMO_PIPELINE))
            self._terminal.say(f"  To try things there are {names}.\n  Their tokens are in {self._folder.tokens}/<name>.token")

    async def _migrate(self, surroundings: Surroundings) -> None:
        await _together(
            run_to_end(
                f"Migrating {process.source}-service",
                self._programs,
                process.migration,
                surroundings.for_migrating(process.source),
                self._log(process.name),
            )
            for process in self._processes
            if process.serves
        )

    async def _start_services(self, surroundings: Surroundings) -> None:
        for process in self._processes:
            url = surroundings.addresses[process.source].url if process.serves else None
            environment = surroundings.for_serving(process.source)
            self._children.append(Child(process.name, self._programs, process.words, environment, self._log(process.name), url))
        keepers = [Keeper(child, self._terminal) for child in self._children]
        for keeper in keepers:
            self._keep(keeper)
        for keeper in keepers:
            await keeper.was_ready.wait()
        self._terminal.say(f"Ready in {milliseconds_since(self._began)}. Logs are in {self._folder.logs}. Ctrl-C stops.")
        self._terminal.say(self._next_step(surroundings.embedded))

    def _next_step(self, embedded: Mapping[str, DatabaseUrls]) -> str:
        """What to type in another terminal; `make` tells its children how deep they are."""
        placet = ".venv/bin/placet" if "MAKELEVEL" in self._environment else "placet"
        if "approval" not in embedded:
            return f"Next, in another terminal: `{placet} status` as a person who has a token."
        demo = "make demo" if "MAKELEVEL" in self._environment else "placet demo"
        return f"Next, in another terminal: `{placet} status --as alice`, or two models from training to the gate: `{demo}`."

    async def _stop_everything(self) -> None:
        """Services first, so that their running transactions can still commit."""
        if self._stop.asked.is_set():
            self._terminal.say("Stopping; Ctrl-C again stops at once.")
        hurrying = asyncio.create_task(self._kill_when_in_a_hurry())
        await asyncio.gather(*(child.stop(_PATIENCE) for child in self._children))
        if self._postgres is not None:
            await self._postgres.stop()
        hurrying.cancel()
        self._programs.close()

    async def _kill_when_in_a_hurry(self) -> None:
        await self._stop.hurry.wait()
        for child in self._children:
            if child.kill():
                self._terminal.about(child.name, "killed, to stop at once")

    def _keep(self, keeper: Keeper) -> None:
        self._keeping.append(asyncio.create_task(keeper.keep()))

    def _log(self, name: str) -> Path:
        return self._folder.logs / f"{name}.log"


def _modules(processes: Iterable[ServiceProcess]) -> list[str]:
    """What takes the time of starting these: each once, in their order."""
    return [*dict.fromkeys(f"{process.package}.process" for process in processes), *_IMPORTED_LATE]


async def _together(work: Iterable[Coroutine[None, None, None]]) -> None:
    """All at once; the first failure ends the others and is raised as itself."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
