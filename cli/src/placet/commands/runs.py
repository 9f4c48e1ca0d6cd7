"""`placet runs`: verification runs, their end before time, and their reports."""

import json
from pathlib import Path
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.printing.comparisons import show_comparison
from placet.printing.data_names import DataNames
from placet.printing.people import Names
from placet.printing.runs import failed_checks, show_run, show_run_facts
from placet.printing.versions import VersionNames
from placet.report_files import save_report
from placet_client import Client
from placet_client.answers.verification import Run, RunSummary
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import plain

__all__ = ["runs"]

runs = noun("Verification runs: list them, show one, cancel one, keep its report.")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run.")]


@runs.command("list")
def list_runs(
    model: Annotated[str | None, typer.Option(metavar="MODEL", help="Only those of this model.")] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only those for this environment.")] = None,
    status: Annotated[str | None, typer.Option(help="queued, running, passed, failed, errored or cancelled.")] = None,
    limit: Limit = 50,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with installation(who) as placet:
        model_id = placet.registry.model(model).id if model else None
        found = placet.verification.runs(limit, model_id=model_id, environment=environment, status=status)
        if as_json:
            return show_json([run.raw for run in found.items])
        show_names(run.id for run in found.items)
        versions, names = VersionNames(placet), Names(placet)
        show_table(_columns(versions, names), found.items, "There is no such run.", narrow=_in_short(versions))


@runs.command("show")
def show_one(run_id: RunId, who: As = None, as_json: AsJson = False) -> None:
    """What a run is about, its data, what each check has measured, and the verdict."""
    with installation(who) as placet:
        run = placet.verification.run_by_id(run_id)
        if as_json:
            return show_json(run.raw)
        show_names([run.id])
        _show(placet, run)


@runs.command("cancel")
def cancel(
    run_id: RunId,
    reason: Annotated[str, typer.Option(help="Why it is no longer needed.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """End a run that waits or is running, without a result. For the one who requested it, and for admins."""
    with installation(who) as placet:
        cancelled = placet.verification.cancel_run(run_id, reason)
    if as_json:
        return show_json(cancelled.raw)
    show_line(f"The run {cancelled.id} is {cancelled.status}.")


@runs.command("report")
def report(
    run_id: RunId,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", metavar="FILE", help=".html, .xml (JUnit) or .json; without it, the report in short.")
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Compare with this run; `champion`: that of the deployed version by the same plan. No evidence."),
    ] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Show the report of a run that has ended, or keep it in a file; with --beside next to that of another run."""
    with installation(who) as placet:
        if file is not None:
            saved = save_report(placet, run_id, file, beside)
            show_names([str(saved)])
            return show_json({"run": run_id, "file": str(saved)}) if as_json else note(f"the report is in {saved}")
        if beside is not None:
            found = placet.verification.compared_runs(run_id, beside)
            return show_json(found.raw) if as_json else show_comparison(found)
        if as_json:
            return show_json(json.loads(placet.verification.run_report(run_id, "json")))
        _show(placet, placet.verification.run_by_id(run_id))


def _show(placet: Client, run: Run) -> None:
    versions, data, names = VersionNames(placet), DataNames(placet), Names(placet)
    champion = versions.of(run.champion.version_id) if run.champion and run.champion.version_id else ""
    on = "\n".join(data.of(one) for one in run.datasets) or "none: the plan does not run the model"
    show_run_facts(run, versions.of(run.version_id), on, champion, names)
    show_line("")
    show_run(run, names)


def _columns(versions: VersionNames, names: Names) -> tuple[Column[RunSummary], ...]:
    return (
        ("run", lambda run: plain(run.id)),
        ("version", lambda run: plain(versions.of(run.version_id))),
        ("environment", lambda run: plain(run.environment)),
        ("plan", lambda run: f"{plain(run.plan.name)} {run.plan.version}"),
        ("status", lambda run: plain(run.status)),
        ("because", failed_checks),
        ("requested", lambda run: f"{ago(run.requested_at)} by {plain(names.of(run.requested_by))}"),
        ("ended", lambda run: ago(run.ended_at)),
    )


def _in_short(versions: VersionNames) -> tuple[Column[RunSummary], ...]:
    return (
        ("run", lambda run: plain(run.id)),
        ("status", lambda run: plain(run.status)),
        ("of", lambda run: _of(run, versions)),
    )


def _of(run: RunSummary, versions: VersionNames) -> str:
    about = f"{plain(versions.of(run.version_id))} → {plain(run.environment)} by {plain(run.plan.name)} {run.plan.version}"
    because = f": {failed_checks(run)}" if failed_checks(run) else ""
    return f"{about}, {'ended' if run.ended_at else 'requested'} {ago(run.ended_at or run.requested_at)}{because}"
