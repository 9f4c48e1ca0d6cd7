"""One PostgreSQL server on one folder: created once, started as a direct child, ready when it accepts connections, stopped cleanly."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from placet.embedded.account import Account
from placet.embedded.leftovers import clear_leftovers
from placet.embedded.parent_death import ending_with_parent
from placet.embedded.problems import CannotStart, ProgramFailed
from placet.embedded.programs import Programs

__all__ = ["SUPERUSER", "Cluster"]

SUPERUSER = "placet"
RECOVERY_SIGNALS = ("recovery.signal", "standby.signal")
IN_RECOVERY = "SELECT pg_is_in_recovery()"
_PORT = 5432  # only a part of the socket's name
_SOCKET_APPEARS_WITHIN = 60.0
_SAY_EVERY = 5.0


@dataclass(slots=True)
class Cluster:
    """A server that listens on a socket only; `log` gets its output and that of initdb."""

    folder: Path
    sockets: Path
    log: Path
    programs: Programs
    account: Account
    password: str
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@/{database}?host={quote(str(self.sockets), safe='/')}&port={_PORT}"

    async def create(self) -> bool:
        """Create the cluster if there is none yet, and return whether it was created; an incomplete one is deleted."""
        if self.folder.exists():
            return False
        unfinished = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        self.account.own(unfinished)
        password_file = self._password_for_initdb()
        try:
            await self._initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self.folder)
        return True

    async def start(self) -> None:
        """Start the server as a direct child, after removing what an earlier one left."""
        await clear_leftovers(self.folder)
        for stale in self.sockets.glob(".s.PGSQL.*"):  # its lock names a pid that another process may have by now
            stale.unlink()
        self.process = await self._spawn([str(self.programs.postgres), "-D", str(self.folder), *self._settings()])

    async def ready(self, still_waiting: Callable[[], None] = lambda: None) -> None:
        """Wait until the server takes writes, however long its recovery takes; `still_waiting` is called every few seconds."""
        began = said = time.monotonic()
        while not await self._lets_us_in(patient=time.monotonic() - began < _SOCKET_APPEARS_WITHIN):
            await asyncio.sleep(0.02)
            if time.monotonic() - said > _SAY_EVERY:
                said = time.monotonic()
                still_waiting()

    @property
    def recovers_by_order(self) -> str | None:
        """The file by which an operator has told the server to recover from a backup; the server removes it when it is promoted."""
        return next((name for name in RECOVERY_SIGNALS if (self.folder / name).exists()), None)

    async def stop(self, patience: float = 30.0) -> None:
        """Fast shutdown (sessions are ended, everything is written); after `patience` seconds without a checkpoint."""
        if self.process is None:
            return
        for sent in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process.returncode is not None:
                break
            self.process.send_signal(sent)
            try:
                await asyncio.wait_for(self.process.wait(), patience)
            except TimeoutError:
                continue

    async def _lets_us_in(self, patient: bool) -> bool:
        if self.process is None or self.process.returncode is not None:
            raise ProgramFailed("PostgreSQL", "ended while it started", self.log)
        try:
            return await self._takes_writes()
        except (asyncpg.CannotConnectNowError, TimeoutError):
            return False
        except OSError as not_listening:
            if not patient:
                raise CannotStart(f"PostgreSQL runs but does not listen in {self.sockets}; see {self.log}.") from not_listening
            return False
        except asyncpg.InvalidPasswordError as refused:
            raise CannotStart(f"PostgreSQL in {self.folder} has another password than the secrets beside it; restore them.") from refused

    async def _takes_writes(self) -> bool:
        """A server that recovers from a backup accepts connections long before: until it is promoted it is read-only."""
        connection = await asyncpg.connect(self.url("postgres"), timeout=10)
        try:
            return not await connection.fetchval(IN_RECOVERY)
        finally:
            await connection.close()

    async def _initdb(self, folder: Path, password_file: Path) -> None:
        initdb = await self._spawn([
            str(self.programs.initdb), "-D", str(folder), f"--username={SUPERUSER}", f"--pwfile={password_file}",
            "--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
        ])  # fmt: skip
        if await initdb.wait() != 0:
            raise ProgramFailed("PostgreSQL", "could not make its data folder", self.log)

    def _settings(self) -> list[str]:
        """Fixed at each start, so that an update of ours needs no edit of a file of theirs."""
        settings = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
            "cluster_name": "placet",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    async def _spawn(self, command: list[str]) -> asyncio.subprocess.Process:
        """In a process group of its own: Ctrl-C at the terminal reaches the supervisor only."""
        line = ending_with_parent(command, parent_died=signal.SIGINT, uid=self.account.uid, gid=self.account.gid)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "PLACET_"))}
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *line, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/", process_group=0
            )

    def _password_for_initdb(self) -> Path:
        file = self.sockets / "initdb.password"
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(self.password + "\n")
        if not self.account.is_oneself:
            os.chown(file, self.account.uid, self.account.gid)
        return file
