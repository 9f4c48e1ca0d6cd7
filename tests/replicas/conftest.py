"""Every service twice over the same database, and one address before both."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from placet.supervisor.addresses import addresses
from placet_shared.processes import PROCESSES, SOURCES

from ..conftest import Running, installed
from ..one_address import OneAddress

A, B = "a", "b"


@dataclass
class Replicated(Running):
    """`registry-a` and `registry-b` and so on; clients reach them by the one address that `addresses` has."""

    fronts: dict[str, OneAddress] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """A service by its name is both of its replicas."""
        if name not in SOURCES:
            return super().start(name)
        if name not in self.fronts:
            self._find_places(name)
        for replica in (A, B):
            self.start_replica(f"{name}-{replica}")
        return None

    def start_replica(self, name: str) -> None:
        """One of the two, at a port of its own."""
        source = name.rpartition("-")[0]
        process = next(process for process in PROCESSES if process.name == source)
        told = {**self.surroundings.for_serving(source), f"PLACET_{source.upper()}_PORT": str(self.ports[name])}
        self.spawn(name, process, told)

    def wait_until_ready(self, *names: str) -> None:
        """Until these replicas answer, or all."""
        for name in names or self.ports:
            self.wait_until_answers(name, self.url(name))

    def url(self, name: str) -> str:
        """Of one replica."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def only(self, name: str) -> None:
        """New connections to a service go to this replica alone."""
        self.fronts[name.rpartition("-")[0]].ports = [self.ports[name]]

    def both(self, source: str) -> None:
        """New connections go to both again, in turn."""
        self.fronts[source].ports = [self.ports[f"{source}-{replica}"] for replica in (A, B)]

    def call(self, name: str, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        """One request of a person to one replica, with nothing seen."""
        headers = {"Authorization": f"Bearer {self.token(who)}", **options.pop("headers", {})}
        return httpx.request(method, self.url(name) + path, headers=headers, timeout=60.0, trust_env=False, verify=False, **options)

    def _find_places(self, source: str) -> None:
        for replica in (A, B):
            self.ports[f"{source}-{replica}"] = addresses({f"PLACET_{source.upper()}_PORT": "0"})[source].port
        self.fronts[source] = OneAddress(self.surroundings.addresses[source].port, [])
        self.both(source)


@pytest.fixture(scope="module")
def replicas(postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicated]:
    """For all tests of a module, which use names of their own and start again what they kill."""
    with installed(postgres_server, tmp_path_factory.mktemp("replicas"), Replicated) as running:
        assert isinstance(running, Replicated)
        try:
            yield running
        finally:
            for front in running.fronts.values():
                front.close()


@pytest.fixture
def whole(replicas: Replicated) -> Iterator[Replicated]:
    """The same, whole again after a test that killed a replica."""
    yield replicas
    for source in SOURCES:
        replicas.both(source)
    dead = [name for name in replicas.ports if replicas.processes[name].poll() is not None]
    for name in dead:
        replicas.start_replica(name)
    replicas.wait_until_ready(*dead or replicas.ports)


@pytest.fixture
def version(replicas: Replicated, request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """A registered version of a model of the test's own; its document."""
    model = request.node.name.removeprefix("test_")[:60]
    registered = replicas.call("registry-a", "alice", "POST", "/v1/models", json={"name": model}).raise_for_status().json()
    return register(replicas, "registry-a", registered["id"])


def register(replicas: Replicated, at: str, model_id: str) -> Mapping[str, Any]:
    """The model's next version, whose bytes lie elsewhere."""
    artifact = {"sha256": f"{time.time_ns():064x}", "size": 1, "uri": "s3://models/one.onnx"}
    body = {"artifact": artifact, "format": "onnx", "lineage": {"trained_by": ["alice"]}}
    answer = replicas.call(at, "alice", "POST", f"/v1/models/{model_id}/versions", json=body)
    assert answer.status_code == 201, answer.text
    document: Mapping[str, Any] = answer.json()
    return document
