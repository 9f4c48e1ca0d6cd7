"""The middle: the condition is missed, the yes ends, and what runs is named."""

from placet.demo.process import acts
from placet.demo.process.ground import LIVE
from placet.demo.process.telling import Telling

__all__ = ["let_the_yes_end"]


def let_the_yes_end(telling: Telling) -> None:
    """Waits until Placet has told what runs without a yes."""
    version, demo = telling.first, telling.cast.demo
    telling.narration.step("A yes ends", "alice misses the condition: the approval lapses by itself, and production hears of it.")
    directive = acts.directive_about(telling.cast, version)
    said = f"a directive about {telling.name(version)} in {LIVE}: {directive.kind.replace('_', ' ')}, its yes {directive.because}"
    if directive.state != "open":
        telling.narration.happened(f"{said}; it was {directive.how} since")
    else:
        telling.narration.no(said)
        for one in demo.erin.approval.unapproved(100, LIVE, version.model_name).items:
            telling.narration.no(f"{telling.name(version)} runs in {LIVE} without a yes: {one.because}")
        for reason in demo.ci.approval.ask_gate({"environment": LIVE, "version_id": version.id}).reasons:
            telling.narration.no(f"the gate says no to new machines: {reason.detail}", reason.resolve)
    telling.look(f"placet unapproved -e {LIVE} --as erin")
    telling.look(f"placet directives list -e {LIVE} --as erin")
