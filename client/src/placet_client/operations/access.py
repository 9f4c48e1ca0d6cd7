"""approval-service: who gives access, and what waits for a second admin."""

from placet_client.answers.access import AccessChange, AccessPolicy, CheckedAccessPolicy, ClosedAccessChange, DefinedAccessPolicy
from placet_client.answers.answer import Page
from placet_client.calls import Call, Flow
from placet_client.operations.paths import YAML, pages, quoted

SERVICE = "approval"


def access_policy() -> Call[AccessPolicy]:
    """Whether a second admin confirms roles that decide, tokens of others and policies that ask for less."""
    return Call(SERVICE, "GET", "/v1/access-policy", AccessPolicy)


def define_access_policy(document: str) -> Call[DefinedAccessPolicy]:
    """From YAML. For admins; that one admin is enough again waits for a second one."""
    return Call(SERVICE, "POST", "/v1/access-policy", DefinedAccessPolicy, content=document.encode(), headers=YAML)


def check_access_policy(document: str) -> Call[CheckedAccessPolicy]:
    """Checks only whether it could be defined."""
    return Call(SERVICE, "POST", "/v1/access-policy", CheckedAccessPolicy, {"dry_run": "true"}, content=document.encode(), headers=YAML)


def access_changes(limit: int = 50, *, open: bool = False) -> Flow[Page[AccessChange]]:
    """The newest first; `open` only those that wait for a second admin."""
    return pages(SERVICE, "/v1/access-changes", Page[AccessChange], limit, open="true" if open else None)


def access_change(change_id: str) -> Call[AccessChange]:
    """One, and what became of it."""
    return Call(SERVICE, "GET", f"/v1/access-changes/{quoted(change_id)}", AccessChange)


def confirm_access_change(change_id: str) -> Call[ClosedAccessChange]:
    """Makes it. For admins who did not propose it and whom it does not concern."""
    return Call(SERVICE, "POST", f"/v1/access-changes/{quoted(change_id)}/confirm", ClosedAccessChange, json={})


def withdraw_access_change(change_id: str) -> Call[ClosedAccessChange]:
    """Nothing is given by it. For admins."""
    return Call(SERVICE, "POST", f"/v1/access-changes/{quoted(change_id)}/withdraw", ClosedAccessChange, json={})
