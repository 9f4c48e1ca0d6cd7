"""Prometheus itself takes the alerts, the scrape configuration and the queries of the dashboards, and the alerts fire as they should."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"

pytestmark = pytest.mark.slow  # to build the program takes minutes


@pytest.fixture(scope="module")
def promtool() -> str:
    """On the PATH, or built by `make promtool`, which needs Go and some minutes; without it skipped, or failed where it is required."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "placet"
    built = sorted(str(program) for program in cache.glob("promtool-*/promtool"))
    if found := shutil.which("promtool") or next(iter(built), None):
        return found
    why = "no promtool: `make promtool` builds it (Go)"
    required = os.environ.get("PLACET_REQUIRE_PROMTOOL") == "1"
    if required and shutil.which("go"):
        build = answer(PROMETHEUS / "build.sh")
        assert build.returncode == 0, build.stderr
        return build.stdout.strip()
    if required:
        pytest.fail(why)
    pytest.skip(why)


def answer(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_prometheus_takes_the_scrape_configuration_and_the_alerts(promtool: str) -> None:
    checked = answer(promtool, "check", "config", "--lint=all", "--lint-fatal", PROMETHEUS / "prometheus.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_alerts_fire_when_they_should_and_not_before(promtool: str) -> None:
    tested = answer(promtool, "test", "rules", PROMETHEUS / "alerts_test.yaml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_prometheus_takes_the_queries_of_the_dashboards(promtool: str, tmp_path: Path) -> None:
    boards = [json.loads(path.read_text()) for path in sorted((ROOT / "deploy/grafana").glob("*.json"))]
    queries = [
        each["expr"].replace("$__rate_interval", "1m") for board in boards for one in board["panels"] for each in one.get("targets", ())
    ]
    groups = [{"name": "dashboards", "rules": [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]}]
    (tmp_path / "dashboards.yaml").write_text(yaml.safe_dump({"groups": groups}))
    checked = answer(promtool, "check", "rules", tmp_path / "dashboards.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(queries) > 30


def test_prometheus_refuses_a_rule_that_it_cannot_read(promtool: str, tmp_path: Path) -> None:
    """What makes the other tests ones that can fail."""
    wrong = {"groups": [{"name": "wrong", "rules": [{"alert": "Wrong", "expr": "max by (job (placet_bus_lag)"}]}]}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    assert answer(promtool, "check", "rules", tmp_path / "wrong.yaml").returncode != 0
