"""Bring to mind what is due: reminders, escalations, reviews, and the end of sign-offs that people did not decide in time.

The gate never waits for it: a deadline that is past is past for every question. What was missed while no process ran is caught up.
"""

import asyncio
from dataclasses import dataclass

from placet_approval.commands.release_members import end_release_with
from placet_approval.domain.sign_off import SignOff
from placet_shared.event_store import EventStore, Metadata, UnitOfWork
from placet_shared.identifiers import new_id

__all__ = ["RemindOfSignOff", "RemindedOf", "remind_of_due", "remind_of_sign_off"]

SYSTEM = "system:approval"
# The number of concurrent commands, which the writer commits together.
TOGETHER = 64
DUE = """
    (select sign_off_id from sign_offs where state = 'pending' and least(remind_at, escalate_at, ends_at) <= statement_timestamp()
     order by least(remind_at, escalate_at, ends_at) limit $1)
    union all
    (select sign_off_id from sign_offs where state = 'approved' and review_at <= statement_timestamp() order by review_at limit $1)
"""


@dataclass(frozen=True, slots=True)
class RemindOfSignOff:
    """The sign-off that has something due."""

    sign_off_id: str


@dataclass(frozen=True, slots=True)
class RemindedOf:
    """Whether anything was due."""

    happened: bool


async def remind_of_due(store: EventStore) -> int:
    """All that is due by now, in turns; returns how many events it led to."""

    async def remind(sign_off_id: str) -> bool:
        metadata = Metadata(actor=SYSTEM, correlation=new_id())
        return (await store.execute(remind_of_sign_off, RemindOfSignOff(sign_off_id), metadata=metadata)).happened

    happened = 0
    failed: BaseException | None = None
    while failed is None and (due := await store.pool.fetch(DUE, TOGETHER)):
        outcomes = await asyncio.gather(*(remind(row["sign_off_id"]) for row in due), return_exceptions=True)
        failed = next((outcome for outcome in outcomes if isinstance(outcome, BaseException)), None)
        reminded = sum(outcome is True for outcome in outcomes)
        happened += reminded
        if not reminded:  # rows and streams disagree for a moment: the next turn of the loop looks again
            break
    if failed is not None:  # after the others of its turn
        raise failed
    return happened


async def remind_of_sign_off(command: RemindOfSignOff, uow: UnitOfWork) -> RemindedOf:
    """One event at a time; a sign-off that has several due is looked at again."""
    sign_off = await uow.get(SignOff, command.sign_off_id, what="sign-off")
    happened = sign_off.remind(await uow.now())
    await end_release_with(sign_off, uow)
    uow.save(sign_off, subject=sign_off.binding.model_id)
    return RemindedOf(happened)
