"""The demo's files: made once under the data folder, so that their digests are the same in every run of the story."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from placet.demo.insurance import load, rows_csv
from placet.demo.training import train_careful, train_hasty

__all__ = ["Artifacts", "LiveArtifacts", "make_artifacts", "make_live_artifacts"]


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The paths of the files."""

    careful: Path
    hasty: Path
    training_data: Path
    test_data: Path

    @classmethod
    def below(cls, folder: Path) -> Self:
        """Their places."""
        return cls(folder / "careful.onnx", folder / "hasty.onnx", folder / "train.csv", folder / "test.csv")

    @property
    def are_there(self) -> bool:
        """Whether all of them were made."""
        return all(file.exists() for file in (self.careful, self.hasty, self.training_data, self.test_data))


def make_artifacts(folder: Path) -> Artifacts:
    """Train and export what is missing; a file is there whole or not at all."""
    artifacts = Artifacts.below(folder)
    if artifacts.are_there:
        return artifacts
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    train, test = load()
    _keep(artifacts.training_data, lambda: rows_csv(train))
    _keep(artifacts.test_data, lambda: rows_csv(test))
    _keep(artifacts.careful, lambda: train_careful(train))
    _keep(artifacts.hasty, lambda: train_hasty(train))
    return artifacts


@dataclass(frozen=True, slots=True)
class LiveArtifacts:
    """The files of the whole process: two versions of one model, the second one better."""

    first: Path
    second: Path
    training_data: Path
    test_data: Path


def make_live_artifacts(folder: Path) -> LiveArtifacts:
    """The same for the whole process."""
    data = Artifacts.below(folder)
    artifacts = LiveArtifacts(folder / "live-1.onnx", folder / "live-2.onnx", data.training_data, data.test_data)
    if artifacts.first.exists() and artifacts.second.exists() and data.training_data.exists() and data.test_data.exists():
        return artifacts
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    train, test = load()
    _keep(artifacts.training_data, lambda: rows_csv(train))
    _keep(artifacts.test_data, lambda: rows_csv(test))
    _keep(artifacts.first, lambda: train_careful(train, rounds=40))
    _keep(artifacts.second, lambda: train_careful(train, rounds=80))
    return artifacts


def _keep(path: Path, make: Callable[[], bytes]) -> None:
    if path.exists():
        return
    unfinished = path.with_suffix(path.suffix + ".new")
    with unfinished.open("wb") as opened:
        opened.write(make())
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.rename(path)
