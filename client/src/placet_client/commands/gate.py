"""`placet gate`: may this go to this environment now? And `placet gate show`: does a recorded yes still hold?"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from placet_client import Client, ExitCode
from placet_client.answers.gate import Decision
from placet_client.commands.defaults import Defaults, OptionalModel
from placet_client.commands.questions import undecided_on_error
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, Number
from placet_client.printing.decisions import show_decision, show_validity
from placet_client.printing.page import show_json, show_warning

__all__ = ["gate"]

HELP = """May a version, or these bytes, go to an environment now?

`placet gate MODEL/NUMBER -e ENVIRONMENT` asks, `placet gate show ID` shows whether a recorded decision still holds.

Exit code: 0 allowed (a warning goes to standard error; 5 with --strict), 1 denied, 4 can't decide, so no. 2 is a usage error.
"""


class AsksByDefault(TyperGroup):
    """Without a subcommand, the words are a question."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Everything but a subcommand and --help belongs to the question."""
        if not args or args[0] not in {*self.commands, "--help", "-h"}:
            args = ["ask", *args]
        return super().parse_args(ctx, args)


gate = typer.Typer(cls=AsksByDefault, help=HELP, no_args_is_help=False)

DecisionId = Annotated[str, typer.Argument(metavar="ID", help="Id of the recorded decision.")]


@gate.command("show")
def show(decision_id: DecisionId, who: As = None, as_json: AsJson = False) -> None:
    """Does a recorded decision still hold? It is decided again now, and nothing is recorded.

    Exit code: 0 it holds, 1 it does not, 4 can't decide, so no. 2 is a usage error.
    """
    with undecided_on_error(), installation(who) as placet:
        made, validity = placet.approval.decision(decision_id), placet.approval.decision_validity(decision_id)
    if as_json:
        show_json({"decision": made.raw, "validity": validity.raw})
    else:
        show_validity(made, validity)
    raise typer.Exit(validity.exit_code)


@gate.command("ask")
def ask(
    model: OptionalModel = None,
    number: Number = None,
    environment: Environment = None,
    digest: Annotated[str | None, typer.Option(help="SHA-256 of what is to be deployed; with a version, the two must agree.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End a warning with 5 instead of 0.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Make a durable decision. For pipelines, developers, admins.")] = False,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """May this version, or these bytes, go to this environment now?

    Exit code: 0 allowed (a warning goes to standard error; 5 with --strict), 1 denied, 4 can't decide, so no. 2 is a usage error.
    """
    with undecided_on_error(), installation(who) as placet:
        decision = _answer(placet, _question(placet, environment, model, number, digest), record)
    if as_json:
        show_json(decision.raw)
    else:
        show_decision(decision)
    raise typer.Exit(_exit_code(decision, strict))


def _question(placet: Client, environment: str | None, model: str | None, number: int | None, digest: str | None) -> Mapping[str, Any]:
    defaults = Defaults()
    question: dict[str, Any] = {"environment": defaults.environment(environment)}
    if digest:
        question["digest"] = digest
    if model and digest and number is None and "/" not in model:
        question["model"] = model  # these bytes as a version of this model
    elif model or not digest:
        name = defaults.version(placet, model, number)
        question |= {"model": name.model, "number": name.number}
    defaults.tell()
    return question


def _answer(placet: Client, question: Mapping[str, Any], record: bool) -> Decision:
    return placet.approval.decide(question) if record else placet.approval.ask_gate(question)


def _exit_code(decision: Decision, strict: bool) -> ExitCode:
    if decision.exit_code is not ExitCode.YES or not decision.is_warning:
        return decision.exit_code
    show_warning("placet: allowed with a warning: the policy of this environment does not insist.")
    return ExitCode.WARNED if strict else ExitCode.YES
