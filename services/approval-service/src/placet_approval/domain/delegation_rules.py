"""Rules on who may delegate what to whom, and for how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from placet_approval.domain.sign_off_rules import Signer
from placet_shared.errors import Forbidden, Invalid

__all__ = ["require_delegable", "require_other_person", "require_own_hand", "require_term"]


def require_other_person(delegator: Signer, delegate_id: str) -> None:
    """Two people, of whom one signs for the other."""
    if delegate_id == delegator.id:
        raise Invalid(
            "You can't delegate to yourself.",
            code="delegate_is_oneself",
            resolve="Name the person who is to sign in your place.",
        )


def require_delegable(delegator: Signer, roles: Iterable[str] | None) -> list[str]:
    """The roles of the delegation: only ones that the delegator holds, never one that was delegated to them."""
    wanted = sorted(delegator.roles if roles is None else {*roles})
    if missing := sorted({*wanted} - delegator.roles):
        raise Forbidden(
            f"You do not have the role {' or '.join(missing)}, so you can't delegate it.",
            code="role_not_held",
            resolve="Delegate roles of your own; one in which you sign for another person can't be passed on.",
        )
    if not wanted:
        raise Forbidden(
            "You have no role that could be delegated.",
            code="role_not_held",
            resolve="Ask an admin for the role in which you are to sign.",
        )
    return wanted


def require_term(starts_at: datetime, ends_at: datetime, at: datetime, longest: timedelta) -> None:
    """It ends after it begins and after now, and not later than allowed."""
    if ends_at <= max(starts_at, at):
        raise Invalid(
            "The delegation would have ended before it begins.",
            code="delegation_without_time",
            resolve="Give an end that lies in the future and after the start.",
        )
    if ends_at - starts_at > longest:
        raise Invalid(
            f"A delegation lasts at most {longest.days} days.",
            code="delegation_too_long",
            resolve="Give an earlier end; delegate again when it is over, if it is still needed then.",
        )


def require_own_hand(delegator: Signer, delegate_id: str) -> None:
    """The delegate must not be able to have made the delegation."""
    if delegate_id in delegator.token_issuers:
        raise Forbidden(
            "Your token was issued by the person to whom you delegate, who could have done this in your name.",
            code="token_issued_by_another",
            resolve="Delegate to another person, or with a token that another admin issued for you.",
        )
