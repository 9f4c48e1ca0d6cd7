"""`placet checks`: the kinds of checks that a plan may ask for, and what one check has found over a model's versions."""

from collections.abc import Mapping
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet_client.answers.verification import CheckFound, CheckKind
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, show_json, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["checks"]

checks = noun("Kinds of checks, and what a check has found over a model's versions.")

KINDS: tuple[Column[CheckKind], ...] = (
    ("kind", lambda kind: plain(kind.name)),
    ("needs", lambda kind: listed(kind.needs) if kind.runs_the_model else "no data"),
    ("passes when", lambda kind: plain(kind.purpose)),
)


@checks.command("list")
def list_kinds(who: As = None, as_json: AsJson = False) -> None:
    """The kinds of checks that are installed."""
    with installation(who) as placet:
        found = placet.verification.check_kinds()
    if as_json:
        return show_json(found.raw)
    show_names(kind.name for kind in found.items)
    show_table(KINDS, found.items, "There is no kind of check.")


@checks.command("history")
def show_history(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Id or name of a model.")],
    check: Annotated[str, typer.Argument(metavar="CHECK", help="The check's id in its plan.")],
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only runs for this environment.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """What a check has found over a model's versions, the newest run first."""
    with installation(who) as placet:
        model_id = placet.registry.model(model).id
        found = placet.verification.check_history(model_id, check, limit, environment)
        numbers = {one.id: one.number for one in placet.registry.versions(limit=10_000, model=model).items} if found.items else {}
    if as_json:
        return show_json([one.raw for one in found.items])
    show_names(one.run_id for one in found.items)
    show_table(_columns(numbers), found.items, f"No run of {model} has a check {check}.")


def _columns(numbers: Mapping[str, int]) -> tuple[Column[CheckFound], ...]:
    return (
        ("version", lambda one: plain(numbers.get(one.version_id, one.version_id))),
        ("environment", lambda one: plain(one.environment)),
        ("plan", lambda one: f"{plain(one.plan)} {one.plan_version}"),
        ("status", lambda one: plain(one.status)),
        ("measured", lambda one: "" if one.value is None else f"{one.value:.4g}"),
        ("must be", lambda one: f"{plain(one.comparator)} {one.threshold:.4g}" if one.comparator and one.threshold is not None else ""),
        ("because", lambda one: plain(one.reason_code).replace("_", " ")),
        ("ended", lambda one: ago(one.ended_at)),
    )
