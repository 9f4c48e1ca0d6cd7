"""The worker: claims runs from the queue, verifies each in the sandbox, and ends it by a command.

    claim → inputs of the run → facts → bytes by digest → the sandbox → judged → conclude_run
              ↑ the lease is renewed all the while; a worker that loses it, or whose run is cancelled, stops

A worker that is killed loses its lease, and another one begins again; the end of a run is one append, so it comes once.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opentelemetry.trace import SpanKind

from placet_shared.access import Actor
from placet_shared.crash_points import passing
from placet_shared.errors import NotFound, Unavailable
from placet_shared.event_store import EventStore, Metadata
from placet_shared.postgres.errors import DATABASE_ERRORS
from placet_shared.telemetry.spans import going_on
from placet_verification.checks import Need, conclude, further_columns, measures_of, missing_kinds
from placet_verification.commands.conclude_run import ConcludeRun, conclude_run
from placet_verification.domain.result import Evaluation, Result
from placet_verification.ports import Blobs, DataFile, Evaluator, Job, ModelFile, Queue, Refusal, Registry, Report, Trial
from placet_verification.queries.facts import facts_of
from placet_verification.queries.trials import Specification, requested_in, specification_of

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
LONGEST_PAUSE = 60.0


class _Gone(Exception):
    """An input of the run does not exist and will not appear."""

    def __init__(self, reason_code: str, **facts: Any) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Worker:
    """Verifies one run at a time; start more processes for more. `actor` is the service's own account."""

    store: EventStore
    queue: Queue
    registry: Registry
    blobs: Blobs
    evaluator: Evaluator
    actor: Actor
    lease_seconds: float
    attempts: int

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            try:
                job = await self.queue.claim()
                if job is None:
                    await self.queue.wait(IDLE_SECONDS)
                else:
                    await self.work_on(job)
            except Unavailable as error:
                logger.warning("the worker has to wait: %s", error.detail)
                await asyncio.sleep(IDLE_SECONDS)

    async def work_on(self, job: Job) -> None:
        """One attempt; in every case the job is ended, given back or lost. Raises `Unavailable` without a database."""
        logger.info("run claimed", extra={"run": job.run_id, "attempt": job.attempt})
        concluding = asyncio.Event()
        trying = asyncio.create_task(self._attempt(job, concluding))
        beating = asyncio.create_task(self._hold(job, trying, concluding))
        try:
            await trying
        except asyncio.CancelledError:
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
            if (current := asyncio.current_task()) and current.cancelling():  # the worker is stopping
                await self.queue.give_back(job, "worker_stopped", 0)
                raise
            logger.warning("the run was cancelled, or another worker has it", extra={"run": job.run_id, "attempt": job.attempt})
        finally:
            beating.cancel()

    async def _hold(self, job: Job, trying: asyncio.Task[None], concluding: asyncio.Event) -> None:
        """Renew the lease; stop the attempt when the run was cancelled or went to another worker, and not by its own conclusion."""
        while not concluding.is_set():
            try:
                if (await self.queue.ended(job, self.lease_seconds / 3) or not await self.queue.renew(job)) and not concluding.is_set():
                    trying.cancel()
                    return
            except Unavailable as error:
                logger.warning("the lease could not be renewed: %s", error.detail)
                await asyncio.sleep(IDLE_SECONDS)

    async def _attempt(self, job: Job, concluding: asyncio.Event) -> None:
        try:
            traceparent = await requested_in(self.store.pool, job.run_id)
            with going_on("try model", traceparent, SpanKind.INTERNAL, {"placet.run.id": job.run_id, "placet.attempt": job.attempt}):
                found = await self._found(job)
                concluding.set()
                await self._conclude(job, *found)
        except Exception as error:
            concluding.set()
            reason_code = "unavailable" if isinstance(error, (Unavailable, *DATABASE_ERRORS)) else "internal_error"
            await self._again(job, reason_code, error)

    async def _found(self, job: Job) -> tuple[Result | Refusal, Report]:
        """The outcome of the attempt; raises `Unavailable`."""
        if job.exhausted:
            return (lost := Refusal("worker_lost")), Report(lost, {})
        wanted = await specification_of(self.store.pool, job.run_id)
        try:
            facts = await self._facts(wanted)
            report = await self._measured(wanted)
            report = replace(report, observations={**report.observations, **await self._held_out(wanted)})
        except _Gone as gone:
            return (refusal := Refusal(gone.reason_code, gone.facts)), Report(refusal, {})
        passing("worker.before_conclusion")
        if isinstance(report.finding, Refusal):
            return report.finding, report
        try:
            return await asyncio.to_thread(conclude, wanted.document, wanted.bound(), report.finding, facts), report
        except Exception:  # it is pure: another attempt would end the same
            logger.exception("the evaluation's answer makes no result", extra={"run": job.run_id})
            return Refusal("crashed", {"answer": "incomplete"}), report

    async def _measured(self, wanted: Specification) -> Report:
        """A plan of checks that judge facts alone needs no child, no bytes and no engine."""
        if not measures_of(wanted.document):
            return Report(Evaluation({}, {}, {}), {})
        return await self.evaluator.evaluate(await self._trial(wanted))

    async def _held_out(self, wanted: Specification) -> Mapping[str, bool]:
        """Whether the lineage of no version with these bytes names the evaluation data as training data by now. It may change at any time,
        so it is no part of the result."""
        if (evaluated := wanted.datasets.get("evaluation")) is None:
            return {}
        named = [version.training_data async for version in self.registry.versions_with(wanted.artifact_sha256)]
        return {"held_out": not any(evaluated in data for data in named)}

    async def _facts(self, wanted: Specification) -> Mapping[Need, Any]:
        if missing := missing_kinds(wanted.document):
            raise _Gone("check_not_installed", checks=missing)
        try:
            return await facts_of(self.store.pool, self.registry, wanted)
        except NotFound as error:
            raise _Gone(error.code) from error

    async def _trial(self, wanted: Specification) -> Trial:
        version = await self.registry.version(wanted.version_id)
        if version is None:
            raise _Gone("version_not_found")
        artifact = await self._file(wanted.artifact_sha256, "artifact")
        datasets = {use: DataFile(await self._file(sha256, "dataset"), sha256) for use, sha256 in wanted.datasets.items()}
        return Trial(
            document=wanted.document,
            format=version.format,
            artifact=artifact,
            artifact_sha256=wanted.artifact_sha256,
            datasets=datasets,
            measures=measures_of(wanted.document),
            further_columns=further_columns(wanted.document),
            champion=await self._champion(wanted),
            signature=version.signature,
        )

    async def _champion(self, wanted: Specification) -> ModelFile | None:
        if wanted.champion is None or (sha256 := wanted.champion["artifact_sha256"]) is None:
            return None
        version = await self.registry.version(str(wanted.champion["version_id"]))
        if version is None:
            raise _Gone("champion_not_found")
        return ModelFile(await self._file(sha256, "champion"), sha256, version.format)

    async def _file(self, sha256: str, what: str) -> Path:
        try:
            return await self.blobs.fetch(sha256)
        except NotFound as error:
            raise _Gone(f"{what}_not_found") from error

    async def _conclude(self, job: Job, finding: Result | Refusal, report: Report) -> None:
        command = ConcludeRun(job, finding, report.observations)
        metadata = Metadata(actor=self.actor.id, correlation=job.run_id)
        await self.store.execute(conclude_run, command, metadata=metadata, actor=self.actor)
        passing("worker.after_conclusion")
        logger.info("run ended", extra={"run": job.run_id, "attempt": job.attempt})

    async def _again(self, job: Job, reason_code: str, error: Exception) -> None:
        """Give the job back for another attempt, or end it when this was the last one."""
        logger.warning("an attempt was interrupted", extra={"run": job.run_id, "attempt": job.attempt}, exc_info=error)
        if job.attempt < self.attempts:
            await self.queue.give_back(job, reason_code, min(2.0**job.attempt, LONGEST_PAUSE))
        else:
            refusal = Refusal(reason_code)
            await self._conclude(job, refusal, Report(refusal, {}))
