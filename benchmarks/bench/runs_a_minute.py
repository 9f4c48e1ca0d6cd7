"""Runs a minute of a whole installation, with one worker and with two."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import httpx

from bench.installation import Installed, data_folder, up
from bench.many_rows import Files
from bench.report import Rows
from bench.sandboxed import METRICS, plan_text

__all__ = ["runs_a_minute"]


async def runs_a_minute(files: Files, runs: int) -> Rows:
    """So many runs on two hundred rows, requested at once; each is fetched, forked, measured and concluded."""
    taken: list[list[str | float]] = []
    with data_folder() as folder:
        async with up(folder) as installed:
            path = await _registered(installed, files)
            taken.append(["one worker", await _rate(installed, path, runs)])
            async with another_worker(installed):
                await _rate(installed, path, runs)  # which starts its server that forks
                taken.append(["two workers", await _rate(installed, path, runs)])
    return Rows("Runs on 200 rows, service, queue and events included", ["", "runs a minute"], taken)


@asynccontextmanager
async def another_worker(installed: Installed) -> AsyncIterator[None]:
    """A copy of the one that the supervisor has started: the same command in the same environment."""
    command, environment = _worker_of(installed.process_id)
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


def _worker_of(supervisor: int) -> tuple[list[str], dict[str, str]]:
    """Its command and its environment."""
    first = next(path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if _is_worker(path, supervisor))
    command, told = ((first / what).read_bytes().decode().rstrip("\0").split("\0") for what in ("cmdline", "environ"))
    return command, dict(variable.split("=", 1) for variable in told)


def _is_worker(path: Path, supervisor: int) -> bool:
    try:
        parent = int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])
        return parent == supervisor and path.read_bytes().split(b"\0")[-3:-1] == [b"placet_verification", b"worker"]
    except OSError:  # it has just ended
        return False


async def _registered(installed: Installed, files: Files) -> dict[str, str]:
    """A version under a plan; gives the body that requests a run of it."""
    model, data = files.model.read_bytes(), files.small.read_bytes()
    digest = sha256(model).hexdigest()
    async with _caller(installed, "registry", "alice") as registry, _caller(installed, "verification", "dora") as verification:
        for raw in (model, data):
            (await registry.put(f"/v1/blobs/{sha256(raw).hexdigest()}", content=raw)).raise_for_status()
        named = (await registry.post("/v1/models", json={"name": "benchmark"})).raise_for_status().json()
        body = {"artifact": {"sha256": digest}, "format": "onnx", "lineage": {"training_run": "run-1", "trained_by": []}}
        version = (await registry.post(f"/v1/models/{named['id']}/versions", json=body)).raise_for_status().json()
        plan = plan_text(METRICS, sha256(data).hexdigest(), None, "test")
        (await verification.post("/v1/plans", content=plan)).raise_for_status()
        return {"version_id": version["id"], "environment": "test"}


async def _rate(installed: Installed, body: dict[str, str], runs: int) -> float:
    """Runs a minute, from the first request to the last end."""
    async with _caller(installed, "verification", "alice") as client:
        began = time.perf_counter()
        requested = [(await client.post("/v1/runs", json=body)).raise_for_status().json()["id"] for _ in range(runs)]
        for run_id in requested:
            while (run := (await client.get(f"/v1/runs/{run_id}/wait")).raise_for_status().json())["status"] in ("queued", "running"):
                pass
            if run["status"] == "errored":
                raise RuntimeError(f"a run ended with {run['reason_code']}")
        return round(60 * runs / (time.perf_counter() - began))


def _caller(installed: Installed, service: str, name: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {installed.token(name)}"}
    return httpx.AsyncClient(base_url=installed.addresses[service], headers=headers, timeout=60, trust_env=False)
