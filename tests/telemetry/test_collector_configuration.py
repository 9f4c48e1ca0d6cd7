"""The collector of docker-compose.yml gets a configuration that a real collector of the same release takes."""

import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
IN_CONTAINERS = ROOT / "deploy/collector/containers.yaml"


def accepted(collector_program: Path, configuration: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([collector_program, "validate", "--config", configuration], capture_output=True, text=True, check=False)


def test_configuration_in_the_containers_is_one_that_the_collector_takes(collector_program: Path) -> None:
    answer = accepted(collector_program, IN_CONTAINERS)
    assert answer.returncode == 0, answer.stderr


def test_collector_refuses_a_component_that_it_does_not_have(collector_program: Path, tmp_path: Path) -> None:
    """What makes the other test one that can fail."""
    wrong = yaml.safe_load(IN_CONTAINERS.read_text())
    wrong["processors"]["no_such_processor"] = {}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    answer = accepted(collector_program, tmp_path / "wrong.yaml")
    assert answer.returncode != 0
    assert "no_such_processor" in answer.stderr


def test_release_in_the_containers_is_the_one_that_is_tested() -> None:
    image = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["otel-collector"]["image"]
    built = yaml.safe_load((ROOT / "deploy/collector/builder.yaml").read_text())["dist"]["version"]
    assert image.endswith(f":{built}")
