"""Clusters of their own for tests that kill them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from placet.embedded import Cluster, DataFolder, open_cluster

StartCluster = Callable[[Path], Awaitable[Cluster]]


@pytest.fixture
async def start_cluster() -> AsyncIterator[StartCluster]:
    """Starts a cluster in a data folder, making it if need be; it is stopped when the test ends."""
    started: list[Cluster] = []

    async def start(folder: Path) -> Cluster:
        cluster = open_cluster(DataFolder(folder))
        started.append(cluster)
        await cluster.create()
        await cluster.start()
        await cluster.ready()
        return cluster

    yield start
    for cluster in started:
        with suppress(ProcessLookupError):
            await cluster.stop()
        await asyncio.to_thread(shutil.rmtree, cluster.sockets, ignore_errors=True)
