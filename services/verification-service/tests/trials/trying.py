"""Trials of rows: a plan with data, a model to try, people who ask, and workers that answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from placet_shared.access import Actor
from placet_shared.workers import in_background
from placet_verification.bootstrap import Workers

from .. import builders, onnx_models
from ..conftest import Caller, Service

ROW = {"a": 0.25, "b": -0.5}
LEASES_LAPSE = "update row_trials set lease_until = clock_timestamp() - interval '1 second'"


async def planned(service: Service, model: bytes | None = None, **parts: Any) -> None:
    """A plan with data in prod, and version-1 of model-1."""
    dataset = service.site.around.keep(builders.labelled_rows())
    await service.publish(builders.plan(dataset={"label": "y", "sha256": dataset}, **parts))
    service.site.around.register("version-1", onnx_models.logistic() if model is None else model)


def wanted(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body of a request."""
    return {"version_id": "version-1", "environment": "prod", "rows": list(rows) or [ROW], **more}


def another(service: Service, name: str, *roles: str, kind: Any = "person") -> Caller:
    """Another person, on the same service."""
    token = service.site.around.issue(Actor(f"{kind}-{name}", kind, frozenset(roles), f"token-{name}"))
    return Caller(service.developer.client, {"Authorization": f"Bearer {token}"})


async def queued(service: Service, *rows: dict[str, Any], caller: Caller | None = None) -> str:
    """A trial that waits for a worker; gives its id."""
    answer = await (caller or service.developer).post("/v1/trials?timeout=0", wanted(*rows))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


@asynccontextmanager
async def working(service: Service, **settings: Any) -> AsyncIterator[Workers]:
    """A worker that answers trials, and does no runs."""
    workers = await service.site.workers(**settings)
    async with in_background(workers.row_trials_loop.run()):
        yield workers


async def work_off(service: Service, **settings: Any) -> Workers:
    """Answer all that wait."""
    workers = await service.site.workers(**settings)
    await asyncio.wait_for(workers.row_trials.work(), 60)
    return workers


async def kept(service: Service) -> list[Any]:
    """What the table has of trials."""
    return list(await service.site.fetch("select * from row_trials"))
