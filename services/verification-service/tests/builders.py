"""Plans, data sets and trials for tests; what a test does not name is valid."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from placet_shared.contracts.plan_document import PlanDocument
from placet_verification.adapters.sandbox import Sandbox
from placet_verification.ports import Report, Trial

SHA = "ab" * 32


def check(metric: str, threshold: float = 0.5, comparator: str = ">=", **more: Any) -> dict[str, Any]:
    """One entry of `checks`, named like its metric."""
    return {"id": metric, "metric": metric, "comparator": comparator, "threshold": threshold, **more}


def plan(**parts: Any) -> dict[str, Any]:
    """A binary plan over the columns a and b; parts replace whole sections."""
    document = {
        "kind": "Plan",
        "name": "credit-default",
        "environment": "prod",
        "task": "binary",
        "dataset": {"label": "y"},
        "inputs": [{"name": "X", "columns": ["a", "b"]}],
        "prediction": {"scores": "P", "classes": ["0", "1"], "positive": "1"},
        "limits": {"wall_clock_seconds": 30, "memory_mib": 512},
        "seed": 7,
        "checks": [check("roc_auc")],
        **parts,
    }
    return PlanDocument.model_validate(document).model_dump(mode="json")


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


async def try_out(folder: Path, model: bytes, dataset: bytes, document: dict[str, Any], signature: Any = None) -> Report:
    """One evaluation in a real child process."""
    paths = [folder / "model", folder / "dataset"]
    for path, raw in zip(paths, (model, dataset), strict=True):
        path.write_bytes(raw)
    trial = Trial(document, paths[0], sha256(model), paths[1], sha256(dataset), signature)
    return await Sandbox(wall_clock_seconds=60, memory_mib=4096).evaluate(trial)


def names(entries: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    return [entry[key] for entry in entries]
