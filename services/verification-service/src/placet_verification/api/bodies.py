"""Bodies of requests; each gives its command."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from placet_verification.commands.cancel_run import CancelRun
from placet_verification.commands.request_verification import RequestVerification
from placet_verification.commands.try_rows import TryRows
from placet_verification.commands.withdraw_plan import WithdrawPlan
from placet_verification.domain.tried_rows import MOST_CELLS, MOST_ROWS, TEXT_LIMIT

__all__ = ["CancellationBody", "TrialBody", "VerificationBody", "WithdrawalBody"]

DIGEST = "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"

# What is allowed depends on the plan's type of the column; `domain.tried_rows` checks it.
CELL: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "maxLength": TEXT_LIMIT}, {"type": "boolean"}, {"type": "null"}]}
Cell = Annotated[Any, WithJsonSchema(CELL)]
Row = Annotated[dict[Annotated[str, Field(max_length=200)], Cell], Field(max_length=MOST_CELLS)]


class VerificationBody(BaseModel):
    """A version to be verified for an environment, by the plans that are in force for its model there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version_id: Annotated[str, Field(min_length=1, max_length=63, examples=["0193a2f0-6f0e-7cc3-98c4-dc0c0c07398f"])]
    environment: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", max_length=63, examples=["prod"])]
    model_id: Annotated[str | None, Field(max_length=63, description="Guards against a mix-up: the model it must belong to.")] = None
    plan: Annotated[
        str | None,
        Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$", max_length=63, description="Only the plan of this name.", examples=["credit-default"]),
    ] = None
    dataset_sha256: Annotated[
        str | None,
        Field(
            pattern="^[0-9a-f]{64}$",
            max_length=64,
            description="A blob of the registry; for plans that leave it open.",
            examples=[DIGEST],
        ),
    ] = None

    def command(self) -> RequestVerification:
        """What is asked for."""
        return RequestVerification(self.version_id, self.environment, self.model_id, self.plan, self.dataset_sha256)


class TrialBody(VerificationBody):
    """Rows to be tried on a version, by the plan in force there that has data, or the named one."""

    rows: Annotated[
        list[Row],
        Field(
            min_length=1,
            max_length=MOST_ROWS,
            description="Each with a value for every column that the plan's inputs take; texts are read as cells of a CSV file are.",
            examples=[[{"age": 50, "income": 30000, "debt": "1200.50"}]],
        ),
    ]

    def trial(self, person: str) -> TryRows:
        """What is asked for, by whom."""
        return TryRows(person, self.command(), self.rows)


class WithdrawalBody(BaseModel):
    """Why a plan is no longer needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, Field(min_length=1, max_length=4000, description="Free text, kept beside the event.")]

    def command(self, name: str) -> WithdrawPlan:
        """For the plan of this name."""
        return WithdrawPlan(name, self.reason)


class CancellationBody(BaseModel):
    """Why a run is no longer needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[
        str, Field(min_length=1, max_length=4000, description="Free text, kept beside the event.", examples=["The wrong version."])
    ]

    def command(self, run_id: str) -> CancelRun:
        """For this run."""
        return CancelRun(run_id, self.reason)
