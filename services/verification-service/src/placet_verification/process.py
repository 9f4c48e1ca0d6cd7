"""The process of verification-service: serving, `worker`, and `rebuild PROJECTION`."""

import asyncio
import signal

from placet_shared.service.process import Act, run_process
from placet_shared.service.rebuild_act import rebuild_act
from placet_shared.workers import in_background
from placet_verification.app import verification_app
from placet_verification.bootstrap import REPLAYS, open_workers
from placet_verification.migrations import MIGRATIONS
from placet_verification.settings import VerificationSettings

__all__ = ["run"]


async def work(settings: VerificationSettings) -> int:
    """Verify models, and answer who tries rows, until SIGINT or SIGTERM; what is in progress is given back to its queue."""
    working = asyncio.create_task(_work(settings))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        return 0
    return 1


async def _work(settings: VerificationSettings) -> None:
    async with open_workers(settings) as workers, in_background(workers.row_trials_loop.run()):
        await workers.runs.run()


def run() -> int:
    """The process's exit code."""
    acts = [Act("worker", "verify models until stopped", work, waits=True), rebuild_act(VerificationSettings, MIGRATIONS, REPLAYS)]
    return run_process(VerificationSettings, verification_app, MIGRATIONS, acts)
