"""Prints a gate decision: every reason with what would resolve it."""

from collections.abc import Sequence

from placet_client.answers.gate import Decision, PastDecision, Reason, RecordedDecision, Validity
from placet_client.printing.next_commands import after_reasons
from placet_client.printing.page import note, show_line, show_names, show_warning
from placet_client.printing.times import dated

__all__ = ["show_decision", "show_reasons", "show_validity"]


def show_decision(decision: Decision) -> None:
    """The answer in one line on standard output, the reasons on standard error."""
    if isinstance(decision, RecordedDecision) and decision.id:
        show_names([decision.id])
    show_line(_answer(decision), "bold green" if decision.allowed else "bold red")
    show_reasons(decision.reasons)
    if decision.valid_until:
        note(f"to be used until {dated(decision.valid_until)}")
    note(f"decided on {', '.join(decision.positions.values()) or 'nothing'}")


def show_validity(made: PastDecision, validity: Validity) -> None:
    """The recorded decision, and whether it still holds."""
    holds = "holds" if validity.holds else "does not hold any more" if validity.decided else "can't be decided now, so no"
    show_names([made.decision_id])
    show_line(f"decision {made.decision_id} {holds}", "bold green" if validity.holds else "bold red")
    show_reasons(validity.reasons)
    until = f"; to be used until {dated(made.valid_until)}" if made.valid_until else ""
    note(f"{made.verdict} for {made.environment} at {dated(made.decided_at)}{until}")


def show_reasons(reasons: Sequence[Reason]) -> None:
    """On standard error: each with what would resolve it, then where to read on."""
    for reason in reasons:
        show_warning(f"  {reason.code}: {reason.detail}")
        show_warning(f"    → {reason.resolve}")
    if why := after_reasons(reasons):
        show_warning(f"  {why}")


def _answer(decision: Decision) -> str:
    recorded = f" (decision {decision.id})" if isinstance(decision, RecordedDecision) and decision.id else ""
    if not decision.decided:
        return f"can't decide, so no{recorded}"
    if not decision.allowed:
        return f"denied{recorded}"
    if decision.break_glass:
        return f"allowed by break-glass {decision.break_glass}{recorded}"
    return f"allowed, with a warning{recorded}" if decision.is_warning else f"allowed{recorded}"
