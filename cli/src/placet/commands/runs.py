"""`placet runs`: verification runs, their end before time, and their reports."""

import json
from pathlib import Path
from typing import Annotated

import typer

from placet.commands.listing import Limit, noun
from placet.commands.verify import show_run
from placet.printing.comparisons import show_comparison
from placet.report_files import save_report
from placet_client.answers.verification import RunSummary
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, note, show_json, show_line, show_names, show_table
from placet_client.printing.words import plain, when

__all__ = ["runs"]

runs = noun("Verification runs: list them, show one, cancel one, keep its report.")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run.")]
COLUMNS: tuple[Column[RunSummary], ...] = (
    ("run", lambda run: plain(run.id)),
    ("plan", lambda run: f"{plain(run.plan.name)} {run.plan.version}"),
    ("environment", lambda run: plain(run.environment)),
    ("status", lambda run: plain(run.status)),
    ("because", lambda run: plain(run.reason_code).replace("_", " ")),
    ("requested", lambda run: when(run.requested_at)),
    ("ended", lambda run: when(run.ended_at)),
)


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
    show_table(COLUMNS, found.items, "There is no such run.")


@runs.command("show")
def show_one(run_id: RunId, who: As = None, as_json: AsJson = False) -> None:
    """Status and checks of a run."""
    with installation(who) as placet:
        run = placet.verification.run_by_id(run_id)
    if as_json:
        return show_json(run.raw)
    show_names([run.id])
    show_run(run)


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
        run = placet.verification.run_by_id(run_id)
    show_run(run)
