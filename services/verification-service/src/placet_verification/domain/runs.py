"""A run: one version of a model verified by one version of a plan. Attempts are rows of the queue, not events."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Self

from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict
from placet_verification.domain.result import Result

__all__ = ["Run"]


class _Ended(Event):
    """The common fields of the four outcomes."""

    SCHEMA_VERSION = 2

    run_id: str
    model_id: str
    version_id: str
    environment: str
    plan: dict[str, Any]
    artifact_sha256: str
    datasets: list[dict[str, str]]
    champion: dict[str, str | None] | None
    status: str

    def apply(self, aggregate: "Run") -> None:
        aggregate.status = self.status


class Run(Aggregate):
    """Requested, and then ended once: passed, failed, errored or cancelled."""

    TOPIC = "Run"
    CATEGORY = "run"

    run_id: str
    model_id: str
    version_id: str
    environment: str
    plan: dict[str, Any]
    artifact_sha256: str
    datasets: list[dict[str, str]]
    champion: dict[str, str | None] | None
    status: str = field(default="requested", init=False)

    class RunRequested(Created):
        """The inputs are fixed by digest."""

        TOPIC = "RunRequested"
        SCHEMA_VERSION = 2

        run_id: str
        model_id: str
        version_id: str
        environment: str
        plan: dict[str, Any]
        artifact_sha256: str
        datasets: list[dict[str, str]]
        champion: dict[str, str | None] | None

    class VerificationPassed(_Ended):
        """No blocking check failed."""

        TOPIC = "VerificationPassed"
        result_sha256: str
        measured_sha256: str
        checks: list[dict[str, Any]]

    class VerificationFailed(_Ended):
        """A blocking check failed or has no verdict."""

        TOPIC = "VerificationFailed"
        result_sha256: str
        measured_sha256: str
        checks: list[dict[str, Any]]

    class RunErrored(_Ended):
        """The model could not be evaluated."""

        TOPIC = "RunErrored"
        reason_code: str

    class RunCancelled(_Ended):
        """A person did not want to know any more."""

        TOPIC = "RunCancelled"
        SCHEMA_VERSION = 1
        reason: dict[str, str]

    @classmethod
    def request(
        cls,
        run_id: str,
        *,
        model_id: str,
        version_id: str,
        environment: str,
        plan: Mapping[str, Any],
        artifact_sha256: str,
        datasets: Sequence[Mapping[str, str]],
        champion: Mapping[str, str | None] | None,
        at: datetime,
    ) -> Self:
        """Begin a run with its inputs fixed."""
        return cls.create(
            cls.RunRequested,
            key=run_id,
            at=at,
            run_id=run_id,
            model_id=model_id,
            version_id=version_id,
            environment=environment,
            plan=dict(plan),
            artifact_sha256=artifact_sha256,
            datasets=[dict(data) for data in datasets],
            champion=None if champion is None else dict(champion),
        )

    @property
    def ended(self) -> bool:
        """Whether an outcome has been recorded."""
        return self.status != "requested"

    def conclude(self, result: Result, at: datetime) -> None:
        """End with a result."""
        event = self.VerificationPassed if result.outcome == "passed" else self.VerificationFailed
        digests = {"result_sha256": result.sha256, "measured_sha256": result.measured_sha256}
        self._end(event, at, status=result.outcome, **digests, checks=result.summaries())

    def give_up(self, reason_code: str, at: datetime) -> None:
        """End without a result: the model could not be evaluated."""
        self._end(self.RunErrored, at, status="errored", reason_code=reason_code)

    def cancel(self, reason: Mapping[str, str], at: datetime) -> None:
        """End without a result, since a person says so; `reason` is the commitment to a text."""
        self._end(self.RunCancelled, at, status="cancelled", reason=dict(reason))

    def _end(self, event: type[Event], at: datetime, **facts: Any) -> None:
        if self.ended:
            raise Conflict(f"The run has ended as {self.status}.", code="run_ended", resolve="Request another run.")
        names = ("run_id", "model_id", "version_id", "environment", "plan", "artifact_sha256", "datasets", "champion")
        self.trigger(event, at=at, **{name: getattr(self, name) for name in names}, **facts)
