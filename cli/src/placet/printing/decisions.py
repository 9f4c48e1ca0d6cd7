"""A gate decision: every reason with what would resolve it."""

from collections.abc import Mapping
from typing import Any

from placet.printing.page import note, show_line, show_warning

__all__ = ["is_warning", "show_decision"]


def is_warning(decision: Mapping[str, Any]) -> bool:
    """Allowed, but only because the policy does not insist."""
    return bool(decision["verdict"] == "warn")


def show_decision(decision: Mapping[str, Any]) -> None:
    """The answer in one line on standard output, the reasons aside."""
    show_line(_answer(decision), "bold green" if decision["allowed"] else "bold red")
    for reason in decision["reasons"]:
        show_warning(f"  {reason['code']}: {reason['detail']}")
        show_warning(f"    → {reason['resolve']}")
    note(f"decided on {', '.join(decision['positions'].values()) or 'nothing'}")


def _answer(decision: Mapping[str, Any]) -> str:
    recorded = f" (decision {decision['id']})" if "id" in decision else ""
    if not decision["decided"]:
        return f"can't decide, so no{recorded}"
    if not decision["allowed"]:
        return f"denied{recorded}"
    return f"allowed, with a warning{recorded}" if is_warning(decision) else f"allowed{recorded}"
