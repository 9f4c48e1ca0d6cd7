"""`placet plans`: which checks a version must pass for an environment."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from placet.commands.listing import noun
from placet_client.answers.verification import Plan
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, show_facts, show_json, show_table
from placet_client.printing.words import plain, short

__all__ = ["plans"]

plans = noun("Verification plans: list them, or show one; `placet apply` defines them.")

COLUMNS: tuple[Column[Plan], ...] = (
    ("environment", lambda plan: plain(plan.environment)),
    ("plan", lambda plan: plain(plan.name)),
    ("version", lambda plan: plain(plan.version)),
    ("sha256", lambda plan: short(plan.sha256)),
)
CHECKS: tuple[Column[Mapping[str, Any]], ...] = (
    ("check", lambda check: plain(check["id"])),
    ("metric", lambda check: plain(check["metric"])),
    ("must be", lambda check: f"{check['comparator']} {check['threshold']}"),
    ("severity", lambda check: plain(check["severity"])),
)


@plans.command("list")
def list_plans(who: As = None, as_json: AsJson = False) -> None:
    """The plans in force."""
    with installation(who) as placet:
        found = placet.verification.plans()
    if as_json:
        return show_json([plan.raw for plan in found.items])
    show_table(COLUMNS, found.items, "There is no plan.")


@plans.command("show")
def show_plan(environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT")], who: As = None, as_json: AsJson = False) -> None:
    """One environment's plan and its checks."""
    with installation(who) as placet:
        found = placet.verification.plan(environment)
    if as_json:
        return show_json(found.raw)
    show_facts((heading, value(found)) for heading, value in COLUMNS)
    show_table(CHECKS, found.document["checks"], "It checks nothing.")
