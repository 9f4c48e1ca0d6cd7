"""The worker of trials: one answer for each whatever dies, one more attempt, and never behind a run."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest

from placet_shared.testing import eventually
from placet_verification.bootstrap import Workers
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal, Report, RowTrial, Trial
from placet_verification.workers.row_trial_worker import ROWS

from .. import onnx_models
from ..conftest import Service
from .trying import LEASES_LAPSE, another, kept, planned, queued, wanted, work_off, working

pytestmark = pytest.mark.postgres

FOREVER = {"artifact": {"allow_operators": ["Loop"]}, "limits": {"wall_clock_seconds": 60, "memory_mib": 512}}


async def claimed(service: Service, **settings: object) -> tuple[Workers, RowTrial]:
    workers = await service.site.workers(**settings)
    trial = await workers.row_trials.queue.claim()
    assert trial is not None
    return workers, trial


async def answer_of(service: Service, trial_id: str) -> tuple[str, str | None]:
    trial = (await service.developer.get(f"/v1/trials/{trial_id}", timeout=0)).json()
    return trial["status"], trial["reason_code"]


async def test_two_workers_never_take_the_same_trial(service: Service) -> None:
    await planned(service)
    ids = [await queued(service) for _ in range(4)]
    one, other = await service.site.workers(), await service.site.workers()
    found = await asyncio.gather(*(workers.row_trials.queue.claim() for workers in (one, other) for _ in range(4)))
    assert sorted(trial.trial_id for trial in found if trial) == sorted(ids)


async def test_people_take_turns_however_many_trials_each_has_open(service: Service) -> None:
    await planned(service)
    bob = another(service, "bob", "reviewer")
    of_alice = [await queued(service) for _ in range(3)]
    workers, first = await claimed(service)
    of_bob = [await queued(service, caller=bob) for _ in range(2)]
    order = [first.trial_id]
    while trial := await workers.row_trials.queue.claim():
        order.append(trial.trial_id)
    assert order == [of_alice[0], of_bob[0], of_alice[1], of_bob[1], of_alice[2]]


async def test_a_worker_that_died_is_followed_by_another_one_and_answers_nothing_more(service: Service) -> None:
    await planned(service)
    trial_id = await queued(service)
    dead, first = await claimed(service)
    await service.site.execute(LEASES_LAPSE)
    living, second = await claimed(service)
    assert (first.attempt, second.attempt, second.exhausted) == (1, 2, False)
    assert not await dead.row_trials.queue.renew(first)
    await asyncio.gather(living.row_trials.work_on(second), dead.row_trials.work_on(first))
    assert await answer_of(service, trial_id) == ("answered", None)
    assert not await dead.row_trials.queue.end(first, Refusal("crashed"))
    assert not await living.row_trials.queue.end(second, Refusal("crashed"))
    assert await answer_of(service, trial_id) == ("answered", None)


async def test_a_trial_that_two_workers_died_of_is_given_up(service: Service) -> None:
    await planned(service)
    trial_id = await queued(service)
    for _ in range(2):
        await claimed(service)
        await service.site.execute(LEASES_LAPSE)
    workers, trial = await claimed(service)
    assert trial.exhausted
    await workers.row_trials.work_on(trial)
    assert await answer_of(service, trial_id) == ("errored", "worker_lost")


async def test_a_worker_that_is_stopped_gives_its_trial_back(service: Service) -> None:
    await planned(service, onnx_models.endless(), **FOREVER)
    trial_id = await queued(service)
    async with working(service):

        async def is_running() -> bool:
            return await answer_of(service, trial_id) == ("running", None)

        await eventually(is_running)
    assert await answer_of(service, trial_id) == ("queued", None)


async def test_a_worker_that_is_stopped_as_it_loses_its_lease_stops(service: Service) -> None:
    await planned(service, onnx_models.endless(), **FOREVER)
    await queued(service)
    workers, trial = await claimed(service)

    class Lost:
        """The queue, whose lease is lost in the moment in which the worker is stopped."""

        async def renew(self, trial: RowTrial) -> bool:
            at_work.cancel()
            return False

        def __getattr__(self, name: str) -> Any:
            return getattr(workers.row_trials.queue, name)

    losing: Any = Lost()
    at_work = asyncio.create_task(replace(workers.row_trials, queue=losing, lease_seconds=0.3).work_on(trial))
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(at_work, 30)


async def test_a_trial_that_is_gone_is_not_worked_on(service: Service) -> None:
    await planned(service, onnx_models.endless(), **FOREVER)
    await queued(service)
    workers, trial = await claimed(service, lease_seconds=1)
    at_work = asyncio.create_task(workers.row_trials.work_on(trial))
    await service.site.execute("delete from row_trials")
    await asyncio.wait_for(at_work, 30)
    assert await kept(service) == []


async def test_bytes_that_can_not_be_fetched_are_tried_once_more(service: Service) -> None:
    await planned(service)
    trial_id = await queued(service)
    service.site.around.blobs = {digest: raw + b"other" for digest, raw in service.site.around.blobs.items()}
    for attempt in (1, 2):
        workers, trial = await claimed(service)
        assert trial.attempt == attempt
        await workers.row_trials.work_on(trial)
        await service.site.execute(LEASES_LAPSE)
    assert await answer_of(service, trial_id) == ("errored", "unavailable")


@dataclass
class MadeUp:
    """What a child that was taken over could answer."""

    finding: Evaluation | Refusal

    async def evaluate(self, trial: Trial) -> Report:
        return Report(self.finding, {})


@pytest.mark.parametrize(
    "finding",
    [
        Refusal("crashed", {"text": "\ud800"}),
        Refusal("crashed", {"number": 10**400}),
        Evaluation({ROWS: {"rows": [{"\udfff": 1}]}}, {}, {}),
        Evaluation({ROWS: {"failed": True}}, {}, {}),
        Evaluation({}, {}, {}),
    ],
)
async def test_an_answer_that_can_not_be_kept_is_an_error_of_its_trial_alone(service: Service, finding: Evaluation | Refusal) -> None:
    await planned(service)
    trial_id = await queued(service)
    workers = await service.site.workers()
    deceived = replace(workers.row_trials, evaluator=MadeUp(finding))
    while trial := await workers.row_trials.queue.claim():
        await deceived.work_on(trial)
        await service.site.execute(LEASES_LAPSE)
    assert await answer_of(service, trial_id) == ("errored", "internal_error")
    sound = await queued(service)
    await work_off(service)
    assert await answer_of(service, sound) == ("answered", None)


async def test_a_trial_does_not_wait_for_a_run(service: Service) -> None:
    """A worker's process verifies a model that never ends, and answers meanwhile."""
    await planned(service, onnx_models.endless(), **FOREVER)
    [run] = await service.verify("version-1")
    workers = await service.site.workers()
    verifying = asyncio.create_task(workers.runs.run())
    answering = asyncio.create_task(workers.row_trials_loop.run())

    async def is_running() -> bool:
        return bool((await service.run(run["id"]))["status"] == "running")

    await eventually(is_running)
    service.site.around.register("version-2", onnx_models.logistic())
    answer = await service.developer.post("/v1/trials", {**wanted(), "version_id": "version-2"})
    assert answer.json()["status"] == "answered"
    assert (await service.run(run["id"]))["status"] == "running"
    for task in (verifying, answering):
        task.cancel()
    await asyncio.gather(verifying, answering, return_exceptions=True)


async def test_the_limit_of_the_installation_is_that_of_a_trial(service: Service) -> None:
    await planned(service, onnx_models.endless(), **FOREVER)
    trial_id = await queued(service)
    await work_off(service, trial_wall_clock_limit_seconds=1)
    assert await answer_of(service, trial_id) == ("errored", "timeout")
