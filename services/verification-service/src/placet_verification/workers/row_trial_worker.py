"""The worker of trials by hand: claims rows that a person gave, and has the model answer them in the sandbox of runs.

    claim → bytes by digest → the sandbox, with one check: the rows → the answer waits for its reader
              ↑ the lease is renewed all the while

It works beside the worker of runs, in the same process, so that a trial does not wait for a run. What it finds is no result: nothing judges
it, no event has it, and the table forgets it.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_shared.errors import NotFound, Unavailable
from placet_verification.ports import Blobs, DataFile, Evaluator, Refusal, RowTrial, RowTrialQueue, Trial

__all__ = ["RowTrialWorker"]

logger = logging.getLogger(__name__)

ROWS = "rows"
MEASURE = "placet_verification.adapters.evaluation.measures.tried_rows:measure"
PAUSE_SECONDS = 2.0


class _Gone(Exception):
    """Bytes that the trial needs do not exist; the text is the reason's code."""


@dataclass(frozen=True, slots=True)
class RowTrialWorker:
    """Answers one trial at a time; a trial may take so many seconds, and no more than a run of its plan."""

    queue: RowTrialQueue
    blobs: Blobs
    evaluator: Evaluator
    lease_seconds: float
    wall_clock_seconds: int
    attempts: int

    async def work(self) -> None:
        """Answer all that wait. Raises `Unavailable` without a database."""
        while trial := await self.queue.claim():
            await self.work_on(trial)

    async def work_on(self, trial: RowTrial) -> None:
        """One attempt; in every case the trial is answered, given back or lost."""
        trying = asyncio.create_task(self._attempt(trial))
        holding = asyncio.create_task(self._hold(trial, trying))
        try:
            await trying
        except asyncio.CancelledError:
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
            if (current := asyncio.current_task()) and current.cancelling():  # the worker is stopping
                await self.queue.give_back(trial, 0)
                raise
            logger.warning("the lease of a trial was lost", extra={"trial": trial.trial_id})
        finally:
            holding.cancel()

    async def _hold(self, trial: RowTrial, trying: asyncio.Task[None]) -> None:
        """Renew the lease; stop the attempt when the trial went to another worker, or is gone."""
        while True:
            await asyncio.sleep(self.lease_seconds / 3)
            try:
                held = await self.queue.renew(trial)
            except Unavailable as error:
                logger.warning("the lease of a trial could not be renewed: %s", error.detail)
                continue
            if not held:
                trying.cancel()
                return

    async def _attempt(self, trial: RowTrial) -> None:
        try:
            await self.queue.end(trial, await self._answer(trial))
        except Unavailable as error:
            await self._again(trial, "unavailable", error)
        except Exception as error:
            await self._again(trial, "internal_error", error)

    async def _answer(self, trial: RowTrial) -> Mapping[str, Any] | Refusal:
        if trial.exhausted:
            return Refusal("worker_lost")
        try:
            wanted = await self._trial(trial)
        except _Gone as gone:
            return Refusal(str(gone))
        report = await self.evaluator.evaluate(wanted)
        if isinstance(report.finding, Refusal):
            return report.finding
        found = report.finding.measured.get(ROWS, {"failed": True})
        return Refusal("internal_error") if found.get("failed") else found

    async def _trial(self, trial: RowTrial) -> Trial:
        version = trial.version
        limits = version.document["limits"]
        seconds = min(limits["wall_clock_seconds"], self.wall_clock_seconds)
        checks = [{"id": ROWS, "check": ROWS, "rows": list(trial.rows)}]
        return Trial(
            document={**version.document, "limits": {**limits, "wall_clock_seconds": seconds}, "checks": checks},
            format=version.format,
            artifact=await self._file(version.artifact_sha256, "artifact"),
            artifact_sha256=version.artifact_sha256,
            datasets={use: DataFile(await self._file(sha256, "dataset"), sha256) for use, sha256 in version.datasets.items()},
            measures={ROWS: MEASURE},
            further_columns=(),
            champion=None,
            signature=version.signature,
        )

    async def _file(self, sha256: str, what: str) -> Path:
        try:
            return await self.blobs.fetch(sha256)
        except NotFound as error:
            raise _Gone(f"{what}_not_found") from error

    async def _again(self, trial: RowTrial, reason_code: str, error: Exception) -> None:
        """Give the trial back for another attempt, or end it when this was the last one."""
        logger.warning("the attempt of a trial was interrupted", extra={"trial": trial.trial_id}, exc_info=error)
        if trial.attempt < self.attempts:
            await self.queue.give_back(trial, PAUSE_SECONDS)
        else:
            await self.queue.end(trial, Refusal(reason_code))
