"""A gate decision: every reason with what would resolve it."""

from collections.abc import Mapping, Sequence
from typing import Any

from placet_client.printing.page import note, show_line, show_warning
from placet_client.printing.words import when

__all__ = ["is_warning", "show_decision", "show_validity"]


def is_warning(decision: Mapping[str, Any]) -> bool:
    """Allowed, but only because the policy does not insist."""
    return bool(decision["verdict"] == "warn")


def show_decision(decision: Mapping[str, Any]) -> None:
    """The answer in one line on standard output, the reasons aside."""
    show_line(_answer(decision), "bold green" if decision["allowed"] else "bold red")
    _show_reasons(decision["reasons"])
    if decision.get("valid_until"):
        note(f"to be used until {when(decision['valid_until'])}")
    note(f"decided on {', '.join(decision['positions'].values()) or 'nothing'}")


def show_validity(made: Mapping[str, Any], validity: Mapping[str, Any]) -> None:
    """What was decided when, and whether that still holds."""
    holds = "holds" if validity["holds"] else "does not hold any more" if validity["decided"] else "can't be decided now, so no"
    show_line(f"decision {made['decision_id']} {holds}", "bold green" if validity["holds"] else "bold red")
    _show_reasons(validity["reasons"])
    until = f"; to be used until {when(made['valid_until'])}" if made["valid_until"] else ""
    note(f"{made['verdict']} for {made['environment']} at {when(made['decided_at'])}{until}")


def _show_reasons(reasons: Sequence[Mapping[str, Any]]) -> None:
    for reason in reasons:
        show_warning(f"  {reason['code']}: {reason['detail']}")
        show_warning(f"    → {reason['resolve']}")


def _answer(decision: Mapping[str, Any]) -> str:
    recorded = f" (decision {decision['id']})" if decision.get("id") else ""
    if not decision["decided"]:
        return f"can't decide, so no{recorded}"
    if not decision["allowed"]:
        return f"denied{recorded}"
    return f"allowed, with a warning{recorded}" if is_warning(decision) else f"allowed{recorded}"
