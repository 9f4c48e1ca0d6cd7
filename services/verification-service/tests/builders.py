"""Plans, data sets and trials for tests; what a test does not name is valid."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from placet_verification.adapters.evaluation.inputs import Files
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.trial import measuring_functions, try_model
from placet_verification.adapters.fork_server import ForkServer
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.api.plan_documents import read_plan
from placet_verification.checks import conclude, further_columns, measures_of
from placet_verification.checks.known_metrics import METRICS
from placet_verification.domain.records import Judgement
from placet_verification.domain.result import Evaluation
from placet_verification.ports import DataFile, ModelFile, Refusal, Report, Trial

SHA = "ab" * 32


def check(metric: str, threshold: float = 0.5, comparator: str | None = None, **more: Any) -> dict[str, Any]:
    """One entry of `checks`, named like its metric and compared in its direction."""
    towards = ">=" if METRICS[metric].better == "higher" else "<="
    return {"id": metric, "metric": metric, "comparator": comparator or towards, "threshold": threshold, **more}


def plan(**parts: Any) -> dict[str, Any]:
    """A binary plan over the columns a and b, in its full form; parts replace whole sections."""
    document = {
        "kind": "Plan",
        "name": "credit-default",
        "environments": ["prod"],
        "task": "binary",
        "dataset": {"label": "y"},
        "inputs": [{"name": "X", "columns": ["a", "b"]}],
        "prediction": {"scores": "P", "classes": ["0", "1"], "positive": "1"},
        "limits": {"wall_clock_seconds": 30, "memory_mib": 512},
        "seed": 7,
        "checks": [check("roc_auc")],
        **parts,
    }
    return read_plan(yaml.safe_dump(document))


SAFETY = ({"id": "safety", "check": "artifact_safety"}, {"id": "signature", "check": "signature"})


def plan_without_data(*checks: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """An organisation's plan, which does not run the model, in its full form."""
    document = {"kind": "Plan", "name": "safety", "environments": ["prod"], "checks": list(checks or SAFETY), **parts}
    return read_plan(yaml.safe_dump(document))


def written(document: Mapping[str, Any]) -> str:
    """The plan as it is sent."""
    return yaml.safe_dump(dict(document), sort_keys=False)


def regression(*checks: Mapping[str, Any]) -> dict[str, Any]:
    """A plan for a number."""
    return plan(task="regression", prediction={"scores": "P"}, checks=list(checks))


def csv(columns: Mapping[str, Iterable[Any]]) -> bytes:
    """A CSV file with these columns."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(str(cell) for cell in row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def labelled_rows(n: int = 200) -> bytes:
    """Two features and a label that leans on the first one."""
    a = [((37 * i) % 101) / 50 - 1 for i in range(n)]
    b = [((53 * i) % 89) / 44 - 1 for i in range(n)]
    return csv({"a": a, "b": b, "y": [int(x + 0.4 * z + ((11 * i) % 7 - 3) / 5 > 0) for i, (x, z) in enumerate(zip(a, b, strict=True))]})


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def trial(
    folder: Path,
    model: bytes,
    dataset: bytes | None,
    document: dict[str, Any],
    signature: Any = None,
    measures: Mapping[str, str] = MappingProxyType({}),
    others: Mapping[str, bytes] = MappingProxyType({}),
    format_: str = "onnx",
) -> Trial:
    """Its files lie in `folder`; `measures` replace the measuring functions of kinds, `others` are `training` and `reference` data."""
    (folder / "model").write_bytes(model)
    datasets = {}
    for use, raw in {**({} if dataset is None else {"evaluation": dataset}), **others}.items():
        (folder / use).write_bytes(raw)
        datasets[use] = DataFile(folder / use, sha256(raw))
    how = ({**measures_of(document), **measures}, further_columns(document))
    return Trial(document, format_, folder / "model", sha256(model), datasets, *how, None, signature)


def with_champion(one: Trial, folder: Path, model: bytes, format_: str = "onnx") -> Trial:
    """The same trial where this model is deployed."""
    (folder / "champion").write_bytes(model)
    return replace(one, champion=ModelFile(folder / "champion", sha256(model), format_))


async def try_out(
    folder: Path, model: bytes, dataset: bytes | None, document: dict[str, Any], signature: Any = None, **others: bytes
) -> Report:
    """One evaluation in a real child process."""
    return await evaluated(trial(folder, model, dataset, document, signature, others=others))


CHILDREN = ForkServer()
"""One for the tests of a process; it ends with it."""


async def judged(folder: Path, model: bytes, dataset: bytes, document: dict[str, Any], **others: bytes) -> dict[str, Judgement]:
    """The checks of a plan by their ids, measured here."""
    found = measured_here(trial(folder, model, dataset, document, others=others))
    assert isinstance(found, Evaluation), found
    return {one.check_id: one for one in conclude(document, {"plan_sha256": SHA}, found).judgements}


def formats(model: str = "onnx", champion: str = "") -> dict[str, str | None]:
    """What a child is told of them, where nothing stands in their way."""
    return {"format": model, "obstacle": None, "champion_format": champion, "champion_obstacle": None}


def measured_here(one: Trial) -> Evaluation | Refusal:
    """What the child would answer, without the child: starting it takes longer than what it does. `checks/test_every_kind.py` starts it."""
    datasets = {use: file.path.read_bytes() for use, file in one.datasets.items()}
    files = Files(one.artifact.read_bytes(), one.champion.path.read_bytes() if one.champion else None, datasets)
    request = {
        "plan": one.document,
        **formats(one.format, one.champion.format if one.champion else ""),
        "signature": one.signature,
        "artifact_sha256": one.artifact_sha256,
        "champion_sha256": one.champion and one.champion.sha256,
        "datasets": {use: file.sha256 for use, file in one.datasets.items()},
        "further_columns": list(one.further_columns),
    }
    try:
        answer = json.loads(json.dumps(try_model(files, request, measuring_functions(one.measures)), allow_nan=False))
    except Refused as refused:
        return Refusal(refused.reason_code, refused.facts)
    return Evaluation(answer["measured"], answer["engine_versions"], {}, answer["observations"].get("checks", {}))


async def evaluated(one: Trial) -> Report:
    return await Sandbox(60, 4096, CHILDREN).evaluate(one)


def evaluation_of(report: Report) -> Evaluation:
    """What was measured; fails with the refusal."""
    assert isinstance(report.finding, Evaluation), report.finding
    return report.finding


def names(entries: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    return [entry[key] for entry in entries]
