"""The read model: which rows an event leads to; a row and its event commit together.

event                                                   → rows
PlanPublished, PlanRevised                                plans
RunRequested                                              runs
VerificationPassed, VerificationFailed, RunErrored        runs
"""

from collections.abc import Callable, Iterable, Mapping

from placet_shared.event_store import RecordedEvent, Statement
from placet_verification.projections.plans import PLAN_ROWS
from placet_verification.projections.runs import RUN_ROWS

__all__ = ["project"]

_ROWS: Mapping[str, Callable[[RecordedEvent], Iterable[Statement]]] = {**PLAN_ROWS, **RUN_ROWS}


def project(event: RecordedEvent) -> Iterable[Statement]:
    """The statements that bring the read model from just before this event to just after it."""
    rows_of = _ROWS.get(event.type)
    return rows_of(event) if rows_of else ()
