"""`placet plans`: which checks versions must pass, for which models and environments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from placet.commands.listing import Limit, noun
from placet.first_plan import Said, first_plan, read_data
from placet_client.answers.verification import Plan, PlanInForce
from placet_client.commands import completion
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Model, Number, named_version
from placet_client.printing.page import Column, note, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import dated
from placet_client.printing.words import listed, plain, short

__all__ = ["plans"]

plans = noun("Verification plans: list and show them, see which concern a version; `placet apply` publishes them.")

Name = Annotated[str, typer.Argument(metavar="PLAN", help="Name of the plan.", autocompletion=completion.plans)]
COLUMNS: tuple[Column[Plan], ...] = (
    ("plan", lambda plan: plain(plan.name)),
    ("version", lambda plan: plain(plan.version)),
    ("environments", lambda plan: listed(plan.environments)),
    ("for", lambda plan: selected(plan.document)),
    ("team", lambda plan: plain(plan.document.get("team"))),
    ("sha256", lambda plan: short(plan.sha256)),
)
IN_FORCE: tuple[Column[PlanInForce], ...] = (
    ("plan", lambda plan: plain(plan.name)),
    ("version", lambda plan: plain(plan.version)),
    ("because of", lambda plan: plain(plan.because)),
    ("checks", lambda plan: plain(len(plan.document.get("checks", ())))),
    ("team", lambda plan: plain(plan.document.get("team"))),
)
CHECKS: tuple[Column[Mapping[str, Any]], ...] = (
    ("check", lambda check: plain(check["id"])),
    ("kind", lambda check: plain(check["check"])),
    ("parameters", lambda check: _parameters(check)),
    ("severity", lambda check: plain(check["severity"])),
)
NOT_PARAMETERS = frozenset({"id", "check", "severity"})


def selected(document: Mapping[str, Any]) -> str:
    """The models that a plan is for, in words."""
    entries = document.get("for", {})
    tags = (f"{key}={value}" for key, value in entries.get("tags", {}).items())
    return ", ".join(plain(entry) for entry in (*entries.get("models", ()), *tags)) or "every model"


def _parameters(check: Mapping[str, Any]) -> str:
    if check["check"] == "metric":
        return plain(f"{check['metric']} {check['comparator']} {check['threshold']}")
    stated = {name: value for name, value in check.items() if name not in NOT_PARAMETERS and value not in (None, [], {})}
    return ", ".join(f"{plain(name)}={f'({listed(value)})' if isinstance(value, list) else plain(value)}" for name, value in stated.items())


@plans.command("list")
def list_plans(
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only those of this environment.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The plans in force."""
    with installation(who) as placet:
        found = placet.verification.plans(limit, environment)
    if as_json:
        return show_json([plan.raw for plan in found.items])
    show_names(plan.name for plan in found.items)
    show_table(COLUMNS, found.items, "There is no plan.")


@plans.command("show")
def show_plan(name: Name, who: As = None, as_json: AsJson = False) -> None:
    """The newest version of a plan and its checks."""
    with installation(who) as placet:
        found = placet.verification.plan(name)
    if as_json:
        return show_json(found.raw)
    show_names([found.name])
    show_facts((heading, value(found)) for heading, value in COLUMNS)
    if not found.in_force:
        show_line(f"withdrawn at {dated(found.withdrawn_at)}", "yellow")
    show_line("")
    show_table(CHECKS, found.document["checks"], "It checks nothing.")


@plans.command("for")
def plans_for(
    model: Model,
    number: Number = None,
    *,
    environment: Annotated[str, typer.Option("--environment", "-e", help="The environment that it is to go to.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The plans that a version must pass for an environment, and by which entry each is for its model."""
    name = named_version(model, number)
    with installation(who) as placet:
        version = placet.registry.version(name.model, name.number)
        found = placet.verification.plans_for(version.id, environment)
    if as_json:
        return show_json(found.raw)
    show_names(plan.name for plan in found.items)
    show_table(IN_FORCE, found.items, f"No plan is in force for {name.model} in {environment}.")


@plans.command("new")
def new_plan(
    model: Model,
    number: Number = None,
    *,
    data: Annotated[Path, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="CSV with the truth in one column.")],
    environment: Annotated[list[str], typer.Option("--environment", "-e", help="Where it is to be in force. Repeatable.")],
    label: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column with the truth; without it, the last one.")] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="NAME[=COLUMNS]", help="An input, where the version has no signature. Repeatable: X, or X=age,income."
        ),
    ] = None,
    scores: Annotated[
        str | None, typer.Option(metavar="OUTPUT", help="The output with probabilities, or with the predicted number.")
    ] = None,
    labels: Annotated[str | None, typer.Option(metavar="OUTPUT", help="The output with the model's own decision, if it has one.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Write a first plan for a version to standard output, from a data set and the version's signature, or what is said of inputs and
    outputs; nothing is published."""
    name = named_version(model, number)
    found = read_data(data, label)
    with installation(who) as placet:
        version = placet.registry.version(name.model, name.number)
        text = first_plan(version.model_name, version, found, environment, Said(inputs or (), scores, labels))
        uploaded = placet.registry.has_blob(found.sha256)
    if as_json:
        return show_json({"plan": text, "dataset_sha256": found.sha256, "uploaded": uploaded})
    if not uploaded:
        note(f"the registry does not have the data yet: placet upload {data}")
    print(text, end="")


@plans.command("withdraw")
def withdraw_plan(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why it is no longer needed; free text.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """No evidence by the plan is needed from the next request on; sign-offs that rest on it stay. For admins."""
    with installation(who) as placet:
        done = placet.verification.withdraw_plan(name, reason)
    if as_json:
        return show_json(done.raw)
    show_line(f"The plan {done.name} is withdrawn; version {done.version} was the last one in force.")
