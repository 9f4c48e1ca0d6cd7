"""The answers of trials of rows, for the requests that wait for them, and the count of those that were asked for."""

import asyncpg

from placet_shared.bus.waiters import Waiters
from placet_shared.telemetry.meters import Meters, Record
from placet_verification.queries.row_trials import OPEN_TRIALS, TRIALS, Key, RowTrialView, open_trials, row_trials_by_key, take_row_trial

__all__ = ["TrialAnswers"]

Waiting = Waiters[Key, RowTrialView]


class TrialAnswers:
    """`waiters` are woken when the store is, as a trial that is added or ended says so too."""

    def __init__(self, pool: asyncpg.Pool, waiters: Waiting) -> None:
        self._pool = pool
        self.waiters = waiters
        self._counted: Record = lambda value, attributes: None

    def measure(self, meters: Meters) -> None:
        """How many trials were asked for, and how many are open."""
        self._counted = meters.counter(TRIALS)
        meters.asked(OPEN_TRIALS, lambda: open_trials(self._pool))

    def asked(self) -> None:
        """One more was asked for."""
        self._counted(1, {})

    async def wait(self, key: Key, seconds: float, *, keep: bool) -> RowTrialView | None:
        """As it is when it is over, or after so many seconds; None when there is none like this. It is removed when it is over, but for
        an answer that is to be kept for the caller's next attempt."""
        seen = await self.waiters.wait(key, _is_over, seconds)
        if seen is None or not _is_over(seen) or (keep and not seen.unclaimed):
            return seen
        # none to take: a worker has come after all, or another request of the same person was first
        return await take_row_trial(self._pool, key) or (await row_trials_by_key(self._pool, [key])).get(key)


def _is_over(trial: RowTrialView) -> bool:
    return trial.unclaimed or trial.ended_at is not None
