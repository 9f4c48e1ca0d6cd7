"""A version that waits for people, and a pipeline that waits for it, seen from outside."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from placet_client import Registration
from placet_client.answers.registry import Version
from placet_shared.identifiers import new_id
from placet_shared.testing import eventually_blocking

from ..one_address import OneAddress

ENVIRONMENT = "test"
WITHIN = 120.0


@dataclass
class Waited:
    """A version whose sign-off is requested now or later, and what a program has to be told to wait for it."""

    installation: Any
    model: str
    version: Version
    front: OneAddress
    more: Mapping[str, str] = field(default_factory=dict)
    sign_off: str = ""

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "NAME": self.model,
            "NUMBER": str(self.version.number),
            "MODEL": self.version.model_id,
            "VERSION": self.version.id,
            "ENVIRONMENT": ENVIRONMENT,
            "PLACET_TOKEN": self.installation.token("ci"),
            "PLACET_APPROVAL_URL": f"http://127.0.0.1:{self.front.port}",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "NO_PROXY": "*",
        }
        return {**self.installation.environment, **own, **self.more}

    @contextmanager
    def waiting(self, program: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
        """The program, from when it was told for the first time how it stands; killed if it has not ended."""
        before = self.front.answers
        pipe = subprocess.PIPE
        with subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, env=self.environment) as process:
            try:
                eventually_blocking(lambda: self.front.answers > before or process.poll() is not None)
                yield process
            finally:
                process.kill()

    def run(self, program: Sequence[str], **changed: str) -> subprocess.CompletedProcess[str]:
        """The program to its end, with other variables."""
        return subprocess.run(program, capture_output=True, text=True, env={**self.environment, **changed}, timeout=WITHIN, check=False)

    def request(self) -> None:
        with self.installation.client("alice") as alice:
            self.sign_off = alice.approval.request_sign_off(self.version.id, ENVIRONMENT, "please").id

    def act(self, who: str, verb: str) -> None:
        with self.installation.client(who) as placet:
            placet.approval.act(self.sign_off, verb, {"rationale": "It holds on the December data."})


@pytest.fixture
def waited(installation: Any, tmp_path: Path) -> Iterator[Waited]:
    """In an installation without Kafka."""
    with something_waited_for(installation, tmp_path) as waited:
        waited.request()
        yield waited


@pytest.fixture
def registered(installation: Any, tmp_path: Path) -> Iterator[Waited]:
    """The same, before anybody has requested its sign-off."""
    with something_waited_for(installation, tmp_path) as waited:
        yield waited


@contextmanager
def something_waited_for(installation: Any, folder: Path, **more: str) -> Iterator[Waited]:
    """With an address of its own in front of approval-service, so that one sees when the pipeline has asked."""
    model = f"model-{new_id()}"
    artifact = folder / "model.onnx"
    artifact.write_text(model)
    with installation.client("alice") as alice:
        version = alice.registry.register(Registration(model, artifact, "onnx", lineage={"trained_by": ["alice"]})).version
    front = OneAddress(0, [int(installation.addresses.approval.rpartition(":")[2])])
    try:
        yield Waited(installation, model, version, front, more)
    finally:
        front.close()
