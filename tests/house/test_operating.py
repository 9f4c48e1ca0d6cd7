"""Alerts, dashboards and runbooks name what there is: metrics with their labels, headings, commands."""

import json
import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from placet_client.commands.app import application

RUNBOOKS = "docs/runbooks.md"
PAGES = (RUNBOOKS, "docs/operations.md", "docs/backup.md")
JOBS = {"placet-registry": 8401, "placet-verification": 8402, "placet-approval": 8403, "placet-audit": 8404}
# Those that Prometheus adds.
ADDED = {"job", "instance"}
METRIC = re.compile(r"\b((?:placet|http_server)_[a-z_]+|up)\b(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)|\{\{ ?(?:if eq )?(?!end\b)(?:\$labels\.)?([a-z_]+)\b")
MATCHED = re.compile(r"([a-z_]+)\s*[=!]~?\s*\"")
COMMAND = re.compile(r"^placet ([^#\n]+)|`placet ([^`]+)`", re.MULTILINE)


@pytest.fixture(scope="module")
def measured(root: Path) -> Mapping[str, set[str]]:
    """Metric, as Prometheus has it → its labels."""
    found = {"up": set(ADDED)}
    writer = runpy.run_path(str(root / "docs/write_metrics.py"))
    for _, one in writer["instruments"]():
        name, labels = writer["prometheus_name"](one), {each.replace(".", "_") for each in one.attributes} | ADDED
        parts = [f"{name}_{part}" for part in ("count", "sum", "bucket")] if one.kind == "histogram" else [name]
        found |= {part: labels | ({"le"} if part.endswith("_bucket") else set()) for part in parts}
    return found


@pytest.fixture(scope="module")
def rules(root: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load((root / "deploy/prometheus/alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def panels(root: Path) -> list[tuple[str, str, str]]:
    """(title, query, legend) of each query of each dashboard."""
    boards = [json.loads(path.read_text()) for path in sorted((root / "deploy/grafana").glob("*.json"))]
    return [
        (one["title"], each["expr"], each["legendFormat"]) for board in boards for one in board["panels"] for each in one.get("targets", ())
    ]


def unknown_in(query: str, measured: Mapping[str, set[str]]) -> Iterator[str]:
    """Metrics that no service exports, and labels that none of the query's metrics has."""
    metrics = METRIC.findall(query)
    assert metrics, query
    for name, matched in metrics:
        if name not in measured:
            yield name
        else:
            yield from (f"{name}{{{label}}}" for label in MATCHED.findall(matched) if label not in measured[name])
    common = set.union(*(measured.get(name, set()) for name, _ in metrics))
    grouped = [label.strip() for names, named in GROUPED.findall(query) for label in (names or named).split(",")]
    yield from (label for label in grouped if label not in common)


def test_alerts_and_their_texts_name_metrics_and_labels_that_are_exported(
    rules: list[dict[str, Any]], measured: Mapping[str, set[str]]
) -> None:
    texts = [(rule["alert"], " ".join([rule["expr"], *rule["annotations"].values()])) for rule in rules]
    assert [(alert, wrong) for alert, text in texts for wrong in unknown_in(text, measured)] == []


def test_dashboards_name_metrics_and_labels_that_are_exported(panels: list[tuple[str, str, str]], measured: Mapping[str, set[str]]) -> None:
    assert [(title, wrong) for title, query, legend in panels for wrong in unknown_in(f"{query} {legend}", measured)] == []


def test_what_is_exported_is_on_a_dashboard(panels: list[tuple[str, str, str]], measured: Mapping[str, set[str]]) -> None:
    shown = {
        name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
        for _, query, _ in panels
        for name, _ in METRIC.findall(query)
    }
    assert {name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum") for name in measured} - shown == set()


@pytest.mark.parametrize(
    "query",
    [
        "placet_no_such > 1",
        'placet_bus_lag{verdict="deny"}',
        "sum by (verdict) (placet_bus_lag)",
        "up {{reason}}",
        "up {{ $labels.reason }}",
    ],
)
def test_what_is_not_exported_is_found(query: str, measured: Mapping[str, set[str]]) -> None:
    """What makes the tests above ones that can fail."""
    assert list(unknown_in(query, measured))


def test_dashboards_have_names_of_their_own_and_no_panel_over_another(root: Path) -> None:
    boards = [json.loads(path.read_text()) for path in sorted((root / "deploy/grafana").glob("*.json"))]
    assert len({board["uid"] for board in boards} & {path.stem for path in (root / "deploy/grafana").glob("*.json")}) == len(boards) > 0
    for board in boards:
        cells = [
            (place["x"] + x, place["y"] + y)
            for place in (one["gridPos"] for one in board["panels"])
            for x in range(place["w"])
            for y in range(place["h"])
        ]
        assert len(cells) == len(set(cells)), board["title"]
        assert max(x for x, _ in cells) < 24, board["title"]
        assert len({one["id"] for one in board["panels"]}) == len(board["panels"])


def test_alerts_have_a_severity_and_a_runbook_with_a_heading_for_each(root: Path, rules: list[dict[str, Any]]) -> None:
    page = (root / RUNBOOKS).read_text()
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [rule["alert"] for rule in rules]
    for rule in rules:
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule["alert"]
        assert rule["annotations"]["runbook"] == f"{RUNBOOKS}#{rule['alert'].lower()}"
        about = page.partition(f"## {rule['alert']}\n")[2].partition("\n## ")[0]
        assert all(part in about for part in ("**It means**", "**See it:**", "**Do:**")), rule["alert"]


def test_scrape_configuration_has_every_service_by_its_port(root: Path) -> None:
    told = yaml.safe_load((root / "deploy/prometheus/prometheus.yaml").read_text())
    found = {job["job_name"]: job["static_configs"][0]["targets"] for job in told["scrape_configs"]}
    assert found == {name: [f"127.0.0.1:{port}"] for name, port in JOBS.items()}
    assert [(root / "deploy/prometheus" / name).exists() for name in told["rule_files"]] == [True]


def unknown_in_command(words: list[str], command: Any) -> str:
    """The first word that `placet` would refuse as a name or an option; empty when there is none."""
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            if "ask" not in command.commands:
                return words[0]
            words = ["ask", *words]  # as in `placet gate MODEL`
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    return next((word for word in words if word.startswith("-") and word not in options), "")


@pytest.mark.parametrize("page", PAGES)
def test_commands_that_pages_for_operators_name_exist_with_their_options(root: Path, page: str) -> None:
    placet = typer.main.get_command(application())
    written = [one or other for one, other in COMMAND.findall((root / page).read_text())]
    assert written
    assert {text: wrong for text in written if (wrong := unknown_in_command(shlex.split(text), placet))} == {}
