"""What docs/pipelines.md shows is run as it stands there."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

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


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_pipeline_that_begins_before_the_request_waits_for_it(registered: Waited, program: Program) -> None:
    with registered.waiting(program()) as pipeline:
        registered.request()
        registered.act("bob", "approve")
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 0, out + err
        assert "No sign-off of this version was requested" in err or "no sign-off of this version has been requested" in err


def test_pipelines_wait_while_the_service_restarts(waited: Waited) -> None:
    installation = waited.installation
    with ExitStack() as stack:
        pipelines = {name: stack.enter_context(waited.waiting(program())) for name, program in PROGRAMS.items()}
        installation.kill("approval")
        installation.start("approval")
        installation.wait_until_ready("approval")
        waited.act("bob", "approve")
        for name, pipeline in pipelines.items():
            out, err = pipeline.communicate(timeout=WITHIN)
            assert pipeline.returncode == 0, (name, out + err)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ENVIRONMENT": "moon"}, "There is no environment moon."),
        ({"PLACET_TOKEN": "placet_" + "t" * 40}, "is unknown, revoked or expired"),
        ({"VERSION": "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c13", "NUMBER": "99"}, "here is no "),
    ],
    ids=["environment", "token", "version"],
)
def test_pipeline_that_asks_in_vain_ends_at_once_and_says_why(waited: Waited, changed: Mapping[str, str], said: str) -> None:
    for name, program in PROGRAMS.items():
        ended = waited.run(program(), **changed)
        assert ended.returncode != 0, name
        assert said in ended.stderr, (name, ended.stderr)


def test_shell_pipeline_takes_no_answer_of_something_else_for_a_yes(waited: Waited) -> None:
    for url in (waited.installation.addresses.registry, waited.installation.addresses.audit):
        assert waited.run(PROGRAMS["Long-poll"](), PLACET_APPROVAL_URL=url).returncode == 1


def test_pipeline_that_is_denied_shows_the_reasons(waited: Waited) -> None:
    waited.act("bob", "reject")
    for name in ("Long-poll", "Server-sent events"):
        ended = waited.run(PROGRAMS[name]())
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "rejected: The sign-off was rejected. Read why" in ended.stderr


def test_stream_tells_each_step(waited: Waited) -> None:
    with waited.waiting(PROGRAMS["Server-sent events"]()) as pipeline:
        assert pipeline.stderr is not None
        steps = (json.loads(line)["state"] for line in pipeline.stderr if line.startswith("{"))
        assert next(steps) == "pending"
        waited.act("bob", "approve")
        assert next(steps) == "approved"
        assert pipeline.wait(WITHIN) == 0
