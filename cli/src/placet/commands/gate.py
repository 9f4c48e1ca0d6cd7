"""`placet gate`: may this go to this environment now?"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from placet.client import Installation
from placet.client.connection import Json
from placet.commands.exit_codes import ExitCode, undecided_on_error
from placet.commands.session import As, AsJson, installation
from placet.commands.subjects import Number, named_version
from placet.printing.decisions import is_warning, show_decision
from placet.printing.page import show_json, show_warning

__all__ = ["gate"]


def gate(
    environment: Annotated[str, typer.Option("--environment", "-e", help="Where it is to go.")],
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Id or name; or MODEL/NUMBER.", show_default=False)] = None,
    number: Number = None,
    digest: Annotated[str | None, typer.Option(help="SHA-256 of what is to be deployed; with a version, the two must agree.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End a warning with 5 instead of 0.")] = False,
    record: Annotated[bool, typer.Option("--record", help="Make a durable decision. For pipelines, developers, admins.")] = False,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """May this version, or these bytes, go to this environment now?

    Exit code: 0 allowed (a warning goes to standard error; 5 with --strict), 1 denied, 4 can't decide, so no. 2 is a usage error.
    """
    question = _question(environment, model, number, digest)
    with undecided_on_error(), installation(who) as placet:
        decision = _answer(placet, question, record)
    if as_json:
        show_json(decision)
    else:
        show_decision(decision)
    raise typer.Exit(_exit_code(decision, strict))


def _question(environment: str, model: str | None, number: int | None, digest: str | None) -> Mapping[str, Any]:
    question: dict[str, Any] = {"environment": environment}
    if digest:
        question["digest"] = digest
    if model and digest and number is None and "/" not in model:
        question["model"] = model  # these bytes as a version of this model
    elif model:
        name = named_version(model, number)
        question |= {"model": name.model, "number": name.number}
    elif not digest:
        raise typer.BadParameter("name a version, or its --digest.", param_hint="MODEL")
    return question


def _answer(placet: Installation, question: Mapping[str, Any], record: bool) -> Json:
    return placet.approval.decide(question) if record else placet.approval.ask_gate(question)


def _exit_code(decision: Json, strict: bool) -> ExitCode:
    if not decision["decided"]:
        return ExitCode.CANNOT_TELL
    if not decision["allowed"]:
        return ExitCode.NO
    if not is_warning(decision):
        return ExitCode.YES
    show_warning("placet: allowed with a warning: the policy of this environment does not insist.")
    return ExitCode.WARNED if strict else ExitCode.YES
