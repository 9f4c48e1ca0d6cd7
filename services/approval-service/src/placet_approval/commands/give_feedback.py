"""Answer for a group that the policy asks before people sign: approve, or raise a minor or a major issue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from placet_approval.commands.circumstances import around, issues_on, signer
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_approval.domain.feedback import FeedbackVerdict
from placet_shared.event_store import UnitOfWork

__all__ = ["GiveFeedback", "give_feedback"]


@dataclass(frozen=True, slots=True)
class GiveFeedback:
    """`issue_id` is the id of the issue that is raised, if one is; `attachments` are digests of files."""

    sign_off_id: str
    issue_id: str
    group: str
    verdict: FeedbackVerdict
    comment: str | None
    attachments: Sequence[str] = ()


async def give_feedback(command: GiveFeedback, uow: UnitOfWork) -> SignOffProgress:
    """A person of the group, with no part in the version."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    now = replace(now, carried_issues=await issues_on(uow, now))
    comment = uow.text(command.comment, kind="comment", subject=sign_off.binding.model_id) if command.comment else None
    sign_off.give_feedback(
        await signer(uow),
        command.group,
        command.verdict,
        now,
        comment,
        await uow.now(),
        issue_id=command.issue_id,
        attachments=command.attachments,
    )
    return save_sign_off(sign_off, uow, now.in_office)
