"""A check tried on a model in the real sandbox, with training and reference data where a test gives them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from placet_verification.checks import Record, conclude
from placet_verification.domain.records import Judgement
from placet_verification.domain.result import Evaluation
from placet_verification.ports import DataFile

from .. import builders

__all__ = ["judged", "of_slice"]


async def judged(
    folder: Path, model: bytes, dataset: bytes, document: dict[str, Any], further: Mapping[str, bytes] = MappingProxyType({})
) -> Judgement:
    """What the first check of the plan says; `further` are data by their use."""
    trial = builders.trial(folder, model, dataset, document)
    for use, raw in further.items():
        (folder / use).write_bytes(raw)
        trial = replace(trial, datasets={**trial.datasets, use: DataFile(folder / use, builders.sha256(raw))})
    report = await builders.evaluated(trial)
    assert isinstance(report.finding, Evaluation), report.finding
    result = conclude(document, {"plan_sha256": builders.SHA}, report.finding)
    return result.judgements[0]


def of_slice(judgement: Judgement, name: str, metric: str | None = None) -> Record:
    """The record of this slice."""
    [found] = [record for record in judgement.records if record.slice == name and metric in (None, record.metric)]
    return found
