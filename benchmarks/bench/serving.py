"""A server of ours in a process of its own, which prints its ports once it is ready."""

import asyncio
import json
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

__all__ = ["served"]

DEADLINE = 120.0


@asynccontextmanager
async def served(module: str, told: Any, *, ready: bool = True) -> AsyncIterator[list[int]]:
    """`told` is the dataclass that the module takes as JSON in its only argument; returns its ports, once they are `ready`."""
    command = [sys.executable, "-m", f"bench.{module}", json.dumps(asdict(told))]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    try:
        assert process.stdout
        ports: list[int] = json.loads(await process.stdout.readline())
        for port in ports if ready else ():
            await _ready(port)
        yield ports
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(port: int) -> None:
    async with asyncio.timeout(DEADLINE), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):  # not yet, or too busy to answer
                if (await client.get("/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
