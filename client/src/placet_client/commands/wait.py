"""`placet wait`: until people have decided, and the gate has."""

from typing import Annotated

import typer

from placet_client import Installation, Outcome, wait_for_approval
from placet_client.commands.exit_codes import ExitCode, undecided_on_error
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, Number, Target, subject_of
from placet_client.patience import Patience
from placet_client.printing.decisions import show_decision
from placet_client.printing.page import note, show_json, show_line

__all__ = ["wait"]

EXIT_CODES = {
    "approved": ExitCode.YES,
    "rejected": ExitCode.NO,
    "timed_out": ExitCode.TIMED_OUT,
    "undecided": ExitCode.CANNOT_TELL,
}
# The waiting itself goes on over lost connections; a single request need not.
ONE_REQUEST = Patience(seconds=2.0)


def wait(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 3600.0,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Wait until a sign-off has ended, then have the gate decide; the decision is recorded.

    It may begin before anybody has requested the sign-off, and goes on when a service is down for a while.

    Exit code: 0 approved and the gate says yes, 1 rejected or no longer valid, 3 timed out, 4 can't decide. 2 is a usage error.
    """
    with undecided_on_error(), installation(who, ONE_REQUEST) as placet:
        outcome = _wait(placet, target, number, environment, timeout)
    _show(outcome, as_json)
    raise typer.Exit(EXIT_CODES[outcome.verdict])


def _wait(placet: Installation, target: str, number: int | None, environment: str | None, timeout: float) -> Outcome:
    return wait_for_approval(placet, subject_of(placet, target, number, environment), timeout, note)


def _show(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        return show_json({"verdict": outcome.verdict, "why": outcome.why, "sign_off": outcome.sign_off, "decision": outcome.decision})
    show_line(f"{outcome.verdict.replace('_', ' ')}: {outcome.why}", "bold green" if outcome.verdict == "approved" else "bold red")
    if outcome.decision:
        show_decision(outcome.decision)
