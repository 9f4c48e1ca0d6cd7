"""Kafka's jars: fetched with Maven into a cache outside the repository, once for all processes that ask at the same time."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILES", "VERSION", "CannotRun", "Installation", "alone_in", "archive", "cache", "install"]

VERSION = "4.3.1"
FILES = Path(__file__).resolve().parents[1]
LEAST_JAVA = 17
JAVA_VERSION = re.compile(r'version "(\d+)')
PATIENCE_SECONDS = 240.0


class CannotRun(Exception):
    """There can be no broker on this machine, or it did not start; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A Java that can run it, and the folder of its jars; `recording` is where a program writes the archive of its classes at its end."""

    java: str
    jars: Path
    recording: Path | None = None

    def command(self, main: str, *arguments: str, heap: str = "512m") -> list[str]:
        """The command line of one of Kafka's programs."""
        log4j = f"-Dlog4j2.configurationFile={FILES / 'log4j2.properties'}"
        options = [f"-Xmx{heap}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *self._classes(main), log4j]
        return [self.java, *options, "-cp", f"{self.jars}/*", main, *arguments]

    @property
    def archives(self) -> Path:
        """The folder of the archives of classes; a Java that is not the one which wrote them goes without."""
        return self.jars.parent / "classes"

    def _classes(self, main: str) -> list[str]:
        if self.recording:
            return [f"-XX:ArchiveClassesAtExit={archive(self.recording, main)}"]
        kept = archive(self.archives, main)
        return [f"-XX:SharedArchiveFile={kept}"] if kept.exists() else []


def archive(folder: Path, main: str) -> Path:
    """Where a program's classes are kept."""
    return folder / f"{main}.jsa"


def install(folder: Path | None = None) -> Installation:
    """The jars in `folder` (default: the user's cache), fetched when they are not there yet; raises `CannotRun`."""
    java = _java()
    folder = folder or cache() / f"kafka-{VERSION}"
    jars = folder / "jars"
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder):
        if not jars.exists():
            _fetch(folder, jars)
    return Installation(java, jars)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One process of the machine at a time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cache() -> Path:
    """Where this machine keeps what is fetched once."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "placet"


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise CannotRun(f"Kafka needs Java {LEAST_JAVA} or newer, and there is no `java` (Debian: openjdk-17-jre-headless)")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = JAVA_VERSION.search(said)
    if found is None or int(found[1]) < LEAST_JAVA:
        raise CannotRun(f"Kafka needs Java {LEAST_JAVA} or newer, and {java} says {said.splitlines()[0] if said else 'nothing'!r}")
    return java


def _fetch(folder: Path, jars: Path) -> None:
    """All or nothing: the folder gets its name when Maven has fetched everything."""
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRun("Kafka's jars come with Maven, and there is no `mvn` (Debian: maven)")
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={unfinished}/jars"]
        command = [maven, "-q", "-B", "-f", str(FILES / "pom.xml"), *goal]
        try:
            fetched = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise CannotRun(f"Maven did not bring Kafka's jars within {PATIENCE_SECONDS:.0f} seconds") from late
        if fetched.returncode != 0:
            raise CannotRun(f"Maven could not bring Kafka's jars:\n{fetched.stdout[-2000:]}{fetched.stderr[-2000:]}")
        Path(unfinished, "jars").rename(jars)
