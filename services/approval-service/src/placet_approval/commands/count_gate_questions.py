"""Record how often an actor asked the gate without a record of each answer."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from placet_shared.event_store import UnitOfWork

__all__ = ["CountGateQuestions", "CountedQuestion", "count_gate_questions"]


@dataclass(frozen=True, slots=True)
class CountedQuestion:
    """`environment` is None for all names of unknown environments."""

    environment: str | None
    verdict: str
    count: int


@dataclass(frozen=True, slots=True)
class CountGateQuestions:
    """The questions of the caller `asker` up to `until`, in UTC."""

    asker: str
    questions: Sequence[CountedQuestion]
    until: datetime


async def count_gate_questions(command: CountGateQuestions, uow: UnitOfWork) -> None:
    """One event for any number of questions."""
    questions = [asdict(question) for question in command.questions]
    until = command.until.strftime("%Y-%m-%dT%H:%M:%SZ")
    uow.record("GateQuestionsCounted", stream="gatequestions", subject=command.asker, data={"until": until, "questions": questions})
