"""approval-service: break-glass, and the review of what it let in."""

from collections.abc import Mapping
from typing import Any

from placet_client.answers.answer import Page
from placet_client.answers.break_glass import BreakGlass, ClosedBreakGlass, Debt, OpenedBreakGlass, ReviewedDebt
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages, quoted

SERVICE = "approval"


def open_break_glass(emergency: Mapping[str, Any]) -> Call[OpenedBreakGlass]:
    """`emergency` has environment, digest (or model and number), incident, reason, perhaps minutes.

    For people whom the policy lets, with a token that was issued in the last 15 minutes.
    """
    return Call(SERVICE, "POST", "/v1/break-glass", OpenedBreakGlass, json=dict(emergency))


def break_glasses(limit: int = 50, *, open: bool = False, environment: str | None = None) -> Flow[Page[BreakGlass]]:
    """The newest first."""
    return pages(SERVICE, "/v1/break-glass", Page[BreakGlass], limit, open="true" if open else None, environment=environment)


def break_glass(glass_id: str) -> Call[BreakGlass]:
    """With every recorded decision that it allowed; raises `Problem` with code break_glass_not_found."""
    return Call(SERVICE, "GET", f"/v1/break-glass/{quoted(glass_id)}", BreakGlass)


def close_break_glass(glass_id: str) -> Call[ClosedBreakGlass]:
    """Before its time; the debt stays."""
    return Call(SERVICE, "POST", f"/v1/break-glass/{quoted(glass_id)}/close", ClosedBreakGlass, json={})


def debts(limit: int = 50, *, open: bool = False, environment: str | None = None, model: str | None = None) -> Flow[Page[Debt]]:
    """The newest first; `model` is an id or a name."""
    return pages(SERVICE, "/v1/debts", Page[Debt], limit, open="true" if open else None, environment=environment, model=model)


def debt(debt_id: str) -> Call[Debt]:
    """Who must review what, and who has; raises `Problem` with code debt_not_found."""
    return Call(SERVICE, "GET", f"/v1/debts/{quoted(debt_id)}", Debt)


def review_debt(debt_id: str, review: str, role: str | None = None) -> Call[ReviewedDebt]:
    """For people who had no part in it, in the roles that the policy asked for."""
    return Call(SERVICE, "POST", f"/v1/debts/{quoted(debt_id)}/review", ReviewedDebt, json={"review": review, "role": role})
