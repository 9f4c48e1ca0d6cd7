"""The only check of a plan, tried on a model."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from placet_verification.checks import Record
from placet_verification.domain.records import Judgement

from .. import builders

__all__ = ["judged", "of_slice"]


async def judged(
    folder: Path, model: bytes, dataset: bytes, document: dict[str, Any], further: Mapping[str, bytes] = MappingProxyType({})
) -> Judgement:
    """`further` are training and reference data."""
    [judgement] = (await builders.judged(folder, model, dataset, document, **further)).values()
    return judgement


def of_slice(judgement: Judgement, name: str, metric: str | None = None) -> Record:
    """The record of this slice."""
    [found] = [record for record in judgement.records if record.slice == name and metric in (None, record.metric)]
    return found
