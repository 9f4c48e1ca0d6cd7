"""A real OpenTelemetry Collector, and what it was sent."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from placet.embedded.parent_death import ending_with_parent
from placet_shared.free_ports import free_port
from placet_shared.testing import eventually_blocking

COLLECTOR = Path(__file__).resolve().parents[2] / "deploy/collector"
UP_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Span:
    """What of a span matters here; `parent` and `links` are span ids, a link's with its trace before it."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[tuple[str, str], ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collector:
    """Runs, and writes what it gets into a file."""

    endpoint: str
    file: Path

    def documents(self) -> Iterator[Any]:
        """Each batch; a line that is not whole yet is left for the next look."""
        for line in self.file.read_text().splitlines(keepends=True) if self.file.exists() else ():
            if line.endswith("\n"):
                yield json.loads(line)

    def spans(self, trace: str) -> list[Span]:
        found = [span for document in self.documents() for span in _spans(document)]
        return [span for span in found if span.trace == trace]

    def spans_when(self, trace: str, enough: Callable[[list[Span]], bool]) -> list[Span]:
        """Those of a trace, once they are enough."""
        eventually_blocking(lambda: enough(self.spans(trace)), state=lambda: [(one.service, one.name) for one in self.spans(trace)])
        return self.spans(trace)

    def metric_names(self) -> set[tuple[str, str]]:
        """(service, metric) of all that came."""
        return {
            (_service(resource), metric["name"])
            for document in self.documents()
            for resource in document.get("resourceMetrics", ())
            for scope in resource["scopeMetrics"]
            for metric in scope["metrics"]
        }


@pytest.fixture(scope="session")
def collector_program() -> Path:
    """Built by `make collector`, which needs Go and some minutes; without it the tests are skipped, or fail where it is required.

    One that was built of other components is none.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "placet"
    for program in sorted(cache.glob("collector-*/placet-collector")):
        if program.with_name("builder.yaml").read_bytes() == (COLLECTOR / "builder.yaml").read_bytes():
            return program
    required = os.environ.get("PLACET_REQUIRE_COLLECTOR") == "1"
    if required and shutil.which("go"):
        build = subprocess.run([COLLECTOR / "build.sh"], capture_output=True, text=True, check=False)
        assert build.returncode == 0, build.stderr
        return Path(build.stdout.strip())
    why = "no OpenTelemetry Collector of today's components: `make collector` builds it (Go)"
    if required:
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="module")
def collector(collector_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    folder = tmp_path_factory.mktemp("collector")
    otlp, health = free_port(), free_port()
    file = folder / "collected.jsonl"
    told = {"COLLECTOR_OTLP": f"127.0.0.1:{otlp}", "COLLECTOR_HEALTH": f"127.0.0.1:{health}", "COLLECTOR_FILE": str(file)}
    command = ending_with_parent([str(collector_program), "--config", str(COLLECTOR / "config.yaml")], parent_died=signal.SIGKILL)
    with (folder / "collector.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **told}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_until_up(process, f"http://127.0.0.1:{health}", folder / "collector.log")
        yield Collector(f"http://127.0.0.1:{otlp}", file)
    finally:
        process.terminate()
        process.wait()


def _wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    def is_up() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(url, trust_env=False, verify=False).is_success
        except httpx.TransportError:
            return False

    eventually_blocking(is_up, deadline=UP_WITHIN, state=log.read_text)


def _spans(document: Any) -> Iterator[Span]:
    for resource in document.get("resourceSpans", ()):
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                links = tuple((link["traceId"], link["spanId"]) for link in span.get("links", ()))
                attributes = {one["key"]: next(iter(one["value"].values())) for one in span.get("attributes", ())}
                parent = span.get("parentSpanId", "")
                yield Span(_service(resource), span["name"], span["traceId"], span["spanId"], parent, links, attributes)


def _service(resource: Any) -> str:
    attributes = {one["key"]: one["value"].get("stringValue") for one in resource["resource"]["attributes"]}
    return str(attributes["service.name"])
