"""The programs of docs/pipelines.md for Kafka, woken by a real broker and nothing else."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from .conftest import WITHIN, Waited, something_waited_for
from .snippets import java_program, python_program

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]

LANGUAGES = ("python", "java")


@pytest.fixture(scope="module")
def programs(kafka_installation: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sequence[str]]:
    return {"python": python_program(), "java": java_program(kafka_installation.jars, tmp_path_factory.mktemp("java"))}


@pytest.fixture
def over_kafka(installation_over_kafka: Any, module_kafka_broker: Any, tmp_path: Path) -> Iterator[Waited]:
    servers = {"PLACET_KAFKA_BOOTSTRAP_SERVERS": module_kafka_broker.address}
    with something_waited_for(installation_over_kafka, tmp_path, **servers) as waited:
        waited.request()
        yield waited


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipeline_goes_on_when_people_agree_while_it_waits(over_kafka: Waited, programs: Any, language: str) -> None:
    with over_kafka.waiting(programs[language]) as pipeline:
        over_kafka.act("bob", "approve")
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 0, out + err


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipeline_goes_on_when_people_agreed_before_it_began(over_kafka: Waited, programs: Any, language: str) -> None:
    over_kafka.act("bob", "approve")
    with over_kafka.waiting(programs[language]) as pipeline:
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 0, out + err


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipeline_stops_when_people_say_no(over_kafka: Waited, programs: Any, language: str) -> None:
    with over_kafka.waiting(programs[language]) as pipeline:
        over_kafka.act("bob", "reject")
        out, err = pipeline.communicate(timeout=WITHIN)
        assert pipeline.returncode == 1, out + err
