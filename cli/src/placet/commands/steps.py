"""`placet steps`: what is done on the way of a version to an environment, by facts and by people."""

from typing import Annotated

import typer

from placet.commands.listing import noun
from placet.printing.steps import COLUMNS, IN_SHORT
from placet_client.answers.steps import VersionSteps
from placet_client.commands import completion
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import named_version
from placet_client.printing.page import note, show_json, show_line, show_names, show_table
from placet_client.printing.words import listed, plain

__all__ = ["steps"]

steps = noun("Steps of a policy: list how far a version has come, complete one that people do, or reopen it.")

VersionArgument = Annotated[str, typer.Argument(metavar="MODEL/NUMBER", help="The version.", autocompletion=completion.models)]
StepArgument = Annotated[str, typer.Argument(metavar="STEP", help="Its name in the policy.")]
Where = Annotated[
    str, typer.Option("--environment", "-e", help="The environment that it is to go to.", autocompletion=completion.environments)
]


@steps.command("list")
def list_steps(version: VersionArgument, *, environment: Where, who: As = None, as_json: AsJson = False) -> None:
    """In the policy's order: what is complete, whose turn it is, who could complete what people do."""
    name = named_version(version, None)
    with installation(who) as placet:
        found = placet.approval.steps(name.model, name.number, environment)
    if as_json:
        return show_json(found.raw)
    show_names(one.name for one in found.steps)
    show_table(COLUMNS, found.steps, f"The policy for {environment} has no steps.", narrow=IN_SHORT)
    _next(version, environment, found)


@steps.command("complete")
def complete_step(
    version: VersionArgument,
    step: StepArgument,
    *,
    environment: Where,
    comment: Annotated[str, typer.Option("--comment", "-c", help="What you looked at, and what came of it.")],
    evidence: Annotated[list[str] | None, typer.Option(help="SHA-256 of a file that shows it; may be repeated.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say that a step is done, for the version's bytes. For people with the step's role and no part in the version."""
    name = named_version(version, None)
    with installation(who) as placet:
        changed = placet.approval.complete_step(name.model, name.number, environment, step, comment, evidence or [])
    if as_json:
        return show_json(changed.raw)
    show_line(f"The step {step} of {version} towards {environment} is complete.")
    note(f"What comes next: placet steps list {version} -e {environment}")


@steps.command("reopen")
def reopen_step(
    version: VersionArgument,
    step: StepArgument,
    *,
    environment: Where,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it has to be done again.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say that a step has to be done again, and the steps of people after it: the gate says no until then.

    For people with the step's role, and admins; for the version's bytes, under whichever model.
    """
    name = named_version(version, None)
    with installation(who) as placet:
        changed = placet.approval.reopen_step(name.model, name.number, environment, step, reason)
    if as_json:
        return show_json(changed.raw)
    show_line(f"Open again for {version} towards {environment}: {listed(map(plain, changed.steps))}.")


def _next(version: str, environment: str, found: VersionSteps) -> None:
    current = next((one for one in found.steps if one.state == "current"), None)
    if current is not None and current.role:
        note(f"When it is done: placet steps complete {version} {plain(current.name)} -e {environment} -c TEXT")
