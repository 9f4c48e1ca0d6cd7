"""Close an issue of a sign-off: its group says that it is resolved, or a named role waives it for a time."""

from dataclasses import dataclass
from datetime import datetime

from placet_approval.commands.circumstances import around, signer
from placet_approval.commands.sign_off_progress import SignOffProgress, open_sign_off, save_sign_off
from placet_shared.event_store import UnitOfWork

__all__ = ["ResolveIssue", "WaiveIssue", "resolve_issue", "waive_issue"]


@dataclass(frozen=True, slots=True)
class ResolveIssue:
    """The issue and how it was resolved."""

    sign_off_id: str
    issue_id: str
    rationale: str


@dataclass(frozen=True, slots=True)
class WaiveIssue:
    """The issue, until when it is waived, and why."""

    sign_off_id: str
    issue_id: str
    until: datetime
    rationale: str


async def resolve_issue(command: ResolveIssue, uow: UnitOfWork) -> SignOffProgress:
    """Any person of the group that raised it, with no part in the version."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.resolve_issue(await signer(uow), command.issue_id, now, rationale, await uow.now())
    return save_sign_off(sign_off, uow, now.in_office)


async def waive_issue(command: WaiveIssue, uow: UnitOfWork) -> SignOffProgress:
    """A person in a role that the policy names, with no part in the version."""
    sign_off = await open_sign_off(uow, command.sign_off_id)
    now = await around(uow, sign_off)
    rationale = uow.text(command.rationale, kind="rationale", subject=sign_off.binding.model_id)
    sign_off.waive_issue(await signer(uow), command.issue_id, command.until, now, rationale, await uow.now())
    return save_sign_off(sign_off, uow, now.in_office)
