"""`python -m placet_verification` serves.

Further acts: `worker` verifies models, `migrate` prepares the database, `rebuild PROJECTION` rebuilds a projection's tables.
"""

import asyncio
import signal
import sys

from placet_shared.service.process import Act, run_process
from placet_shared.service.rebuild_act import rebuild_act
from placet_verification.app import verification_app
from placet_verification.bootstrap import MIGRATIONS, REPLAYS, open_worker
from placet_verification.settings import VerificationSettings

__all__ = ["main"]


async def work(settings: VerificationSettings) -> int:
    """Verify models until SIGINT or SIGTERM; a job in progress is given back to the queue."""
    working = asyncio.create_task(_work(settings))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        return 0
    return 1


async def _work(settings: VerificationSettings) -> None:
    async with open_worker(settings) as worker:
        await worker.run()


def main() -> int:
    """The process's exit code."""
    acts = [Act("worker", "verify models until stopped", work, waits=True), rebuild_act(VerificationSettings, MIGRATIONS, REPLAYS)]
    return run_process(VerificationSettings, verification_app, MIGRATIONS, acts)


if __name__ == "__main__":
    sys.exit(main())
