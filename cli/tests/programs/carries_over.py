"""What `placet up` does before anything else on a data folder, alone: `carries_over.py <data folder>`."""

import asyncio
import sys
from pathlib import Path

from placet.embedded import DataFolder, open_cluster
from placet.supervisor.databases import create_embedded


async def main(folder: DataFolder) -> None:
    cluster = open_cluster(folder)
    await cluster.start()
    await cluster.ready()
    await create_embedded(cluster, folder)


if __name__ == "__main__":
    asyncio.run(main(DataFolder(Path(sys.argv[1]))))
