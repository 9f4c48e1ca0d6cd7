"""`placet verify`: verify a version by every plan that is in force for it."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from placet.printing.people import Names
from placet.printing.runs import show_run
from placet.report_files import report_form, save_report
from placet_client import Client, ExitCode
from placet_client.answers.verification import RequestedRun, Run
from placet_client.commands import completion
from placet_client.commands.defaults import Defaults, OptionalModel
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Number
from placet_client.printing.page import note, show_json, show_line, show_names

__all__ = ["verify"]

EXIT_CODES = {
    "passed": ExitCode.YES,
    "failed": ExitCode.NO,
    "errored": ExitCode.CANNOT_TELL,
    "cancelled": ExitCode.CANNOT_TELL,
    "queued": ExitCode.TIMED_OUT,
    "running": ExitCode.TIMED_OUT,
}
# Each of several runs is waited for in turn, and the place of each is looked at so often.
SHARE_SECONDS = 5.0
WORST_FIRST = (ExitCode.NO, ExitCode.CANNOT_TELL, ExitCode.TIMED_OUT, ExitCode.YES)


def verify(
    model: OptionalModel = None,
    number: Number = None,
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment", "-e", help="The environment whose plans are used.", show_default=False, autocompletion=completion.environments
        ),
    ] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="Only the plan of this name.", autocompletion=completion.plans)] = None,
    dataset: Annotated[str | None, typer.Option(metavar="SHA256", help="The data set, for plans that leave it open.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most; the runs continue.")] = 900.0,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help=".html, .xml (JUnit) or .json; of several runs each, with the plan's name in it.")
    ] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Request a run by each plan in force for the version, and wait for all of them. For developers, pipelines and admins.

    Exit code: 0 all passed, 1 one failed, else 4 the model could not be evaluated or a run was cancelled, 3 not finished in time.
    """
    if report is not None:
        report_form(report)
    defaults = Defaults()
    where = defaults.environment(environment)
    with installation(who) as placet:
        name = defaults.version(placet, model, number)
        plan = plan or defaults.plan(name.model)
        defaults.tell()
        version = placet.registry.version(name.model, name.number)
        requested = placet.verification.request_verification(version.id, where, dataset, plan).runs
        for run in requested:
            note(f"run {run.id} by {run.plan.name} version {run.plan.version}")
        runs = []
        for run_now in _ended(placet, requested, timeout):
            runs.append(run_now)
            if not as_json:
                show_names([run_now.id])
                show_run(run_now, Names(placet))
            if report is not None and run_now.has_ended:
                _save(placet, run_now, report, is_only_one=len(requested) == 1)
    if as_json:
        show_json([run.raw for run in runs])
    elif len(runs) > 1:
        _show_verdict(runs)
    codes = {EXIT_CODES[run.status] for run in runs}
    raise typer.Exit(next(code for code in WORST_FIRST if code in codes))


def _save(placet: Client, run: Run, report: Path, *, is_only_one: bool) -> None:
    """Of several runs each, with the plan's name in the file's."""
    file = report if is_only_one else report.with_stem(f"{report.stem}-{run.plan.name}")
    note(f"the report is in {save_report(placet, run.id, file)}")


def _show_verdict(runs: Sequence[Run]) -> None:
    passed = sum(run.status == "passed" for run in runs)
    show_line(f"{passed} of {len(runs)} plans passed", "bold green" if passed == len(runs) else "bold red")


def _ended(placet: Client, requested: Sequence[RequestedRun], timeout: float) -> Iterator[Run]:
    """The runs, each as soon as it has ended, or as it is when the time is over; they go on side by side meanwhile."""
    until = time.monotonic() + timeout
    waiting = {run.id: "" for run in requested}
    while waiting:
        for run_id in list(waiting):
            share = min(max(until - time.monotonic(), 0.0), SHARE_SECONDS)
            run = placet.verification.wait_for_run(run_id, share)
            if run.has_ended or time.monotonic() >= until:
                del waiting[run_id]
                yield run
            elif (progress := _progress(run)) != waiting[run_id]:
                waiting[run_id] = progress
                note(f"run {run_id} {progress}")


def _progress(run: Run) -> str:
    if run.place:
        return f"is at place {run.place} in the queue"
    again = f", attempt {len(run.attempts)}" if len(run.attempts) > 1 else ""
    return f"is {run.status}{again}"
