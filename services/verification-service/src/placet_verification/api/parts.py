"""The service's parts, as the endpoints use them."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from placet_shared.bus.waiters import Waiters
from placet_shared.service.running import Service, service_of
from placet_shared.telemetry.meters import Meters
from placet_verification.commands.open_runs import OpenRuns
from placet_verification.ports import Registry, RowTrialQueue
from placet_verification.queries.jobs import AGES, ATTEMPTS, JOBS, job_ages, job_attempts, job_counts
from placet_verification.queries.run_progress import FollowedRuns
from placet_verification.queries.runs import RunDetailView
from placet_verification.queries.trial_answers import TrialAnswers

__all__ = ["VerificationService", "verification_of"]


@dataclass(frozen=True, kw_only=True)
class VerificationService(Service):
    """Adds the registry of models, the limits of the queue, the requests that wait for a run's end or follow its progress, and trials of
    rows."""

    registry: Registry
    limits: OpenRuns
    waiting: Waiters[str, RunDetailView]
    followed: FollowedRuns
    row_trials: RowTrialQueue
    trial_answers: TrialAnswers

    def measure(self, meters: Meters) -> None:
        """Jobs by state, their ages and attempts, and trials of rows."""
        self.trial_answers.measure(meters)
        meters.asked(JOBS, lambda: job_counts(self.pool))
        meters.asked(AGES, lambda: job_ages(self.pool))
        meters.asked(ATTEMPTS, lambda: job_attempts(self.pool))

    def stop_waiting(self) -> None:
        """Answer the requests that wait for runs, trials or events, and end the streams."""
        self.waiting.stop()
        self.followed.stop()
        self.trial_answers.waiters.stop()
        super().stop_waiting()


def verification_of(request: Request) -> VerificationService:
    """The service that handles the request."""
    return cast(VerificationService, service_of(request))
