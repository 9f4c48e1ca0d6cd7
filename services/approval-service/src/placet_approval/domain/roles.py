"""Roles: the built-in ones, the form of a policy's own, and those that a service account may hold."""

import re
from collections.abc import Iterable
from typing import Final

from placet_shared.errors import FieldError, Invalid, Malformed

__all__ = ["ROLE_ALLOWED", "ROLE_LENGTH", "ROLE_PATTERN", "SERVICE_ACCOUNT_ROLES", "roles_for_person", "roles_for_service_account"]

ROLE_PATTERN: Final = r"[a-z][a-z0-9-]{1,40}"
ROLE_LENGTH: Final = 41
ROLE_ALLOWED: Final = "2 to 41 characters of a-z 0-9 -, beginning with a letter"

# A service account never approves: it holds no role that may sign (a policy may let any other role sign), and it is no
# admin, since an admin issues tokens to people and could sign with one of them.
SERVICE_ACCOUNT_ROLES: Final = frozenset({"auditor", "developer", "pipeline", "service"})


def roles_for_person(roles: Iterable[str]) -> list[str]:
    """Each role once, in alphabetical order; any well-formed name may be a role that a policy asks for."""
    chosen = sorted(set(roles))
    malformed = [FieldError("roles", role[:100], ROLE_ALLOWED) for role in chosen if not re.fullmatch(ROLE_PATTERN, role)]
    if malformed:
        raise Malformed(f"roles: {malformed[0].value!r} is not a role's name.", resolve=f"Send names of {ROLE_ALLOWED}.", errors=malformed)
    return chosen


def roles_for_service_account(roles: Iterable[str]) -> list[str]:
    """Each role once, in alphabetical order; only roles that can't sign and can't act for people."""
    chosen = roles_for_person(roles)
    allowed = ", ".join(sorted(SERVICE_ACCOUNT_ROLES))
    refused = [FieldError("roles", role, allowed) for role in chosen if role not in SERVICE_ACCOUNT_ROLES]
    if refused:
        raise Invalid(
            f"A service account can't be {', '.join(error.value for error in refused)}: decisions are made by people.",
            code="role_not_for_service_accounts",
            resolve=f"Give it only roles of {allowed}, and the other ones to people.",
            errors=refused,
        )
    return chosen
