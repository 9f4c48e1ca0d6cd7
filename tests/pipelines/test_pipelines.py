"""What docs/pipelines.md shows is run as it stands there."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from .conftest import WITHIN, Waited
from .snippets import client_program, shell_program

pytestmark = pytest.mark.postgres

PROGRAMS = {
    "placet wait": lambda: shell_program("placet wait", with_functions=False),
    "Long-poll": lambda: shell_program("Long-poll", with_functions=True),
    "Server-sent events": lambda: shell_program("Server-sent events", with_functions=True),
    "placet_client": client_program,
}
Program = Callable[[], Sequence[str]]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_pipeline_goes_on_when_people_agree_while_it_waits(waited: Waited, program: Program) -> None:
    with waited.waiting(program()) as pipeline:
        waited.act("bob", "approve")
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 0, out + err


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_pipeline_goes_on_when_people_agreed_before_it_began(waited: Waited, program: Program) -> None:
    waited.act("bob", "approve")
    with waited.waiting(program()) as pipeline:
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 0, out + err


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_pipeline_stops_when_people_say_no(waited: Waited, program: Program) -> None:
    with waited.waiting(program()) as pipeline:
        waited.act("bob", "reject")
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 1, out + err


def test_stream_tells_each_step(waited: Waited) -> None:
    with waited.waiting(PROGRAMS["Server-sent events"]()) as pipeline:
        assert pipeline.stderr is not None
        told: list[Any] = [json.loads(pipeline.stderr.readline())]
        waited.act("bob", "approve")
        told.append(json.loads(pipeline.stderr.readline()))
        assert [progress["state"] for progress in told] == ["pending", "approved"]
        assert pipeline.wait(WITHIN) == 0
