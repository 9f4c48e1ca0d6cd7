"""`placet verify`: verify a version by the plan of an environment."""

from typing import Annotated

import typer

from placet_client import ExitCode
from placet_client.answers.verification import Check, Run
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Model, Number, named_version
from placet_client.printing.page import Column, note, show_json, show_line, show_table, show_warning
from placet_client.printing.words import plain

__all__ = ["verify"]

EXIT_CODES = {
    "passed": ExitCode.YES,
    "failed": ExitCode.NO,
    "errored": ExitCode.CANNOT_TELL,
    "queued": ExitCode.TIMED_OUT,
    "running": ExitCode.TIMED_OUT,
}


def verify(
    model: Model,
    number: Number = None,
    *,
    environment: Annotated[str, typer.Option("--environment", "-e", help="The environment whose plan is used.")],
    dataset: Annotated[str | None, typer.Option(metavar="SHA256", help="The data set, when the plan leaves it open.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most; the run continues.")] = 900.0,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Request a run and wait for it. For developers, pipelines and admins.

    Exit code: 0 passed, 1 failed, 3 not finished in time, 4 the model could not be evaluated.
    """
    name = named_version(model, number)
    with installation(who) as placet:
        version = placet.registry.version(name.model, name.number)
        requested = placet.verification.request_run(version.id, environment, dataset)
        note(f"run {requested.id} by {requested.plan.name} version {requested.plan.version}")
        run = placet.verification.wait_for_run(requested.id, timeout)
    if as_json:
        show_json(run.raw)
    else:
        _show(run)
    raise typer.Exit(EXIT_CODES[run.status])


def _measured(check: Check) -> str:
    if check.value is None:
        return "—"
    interval = f" ({check.ci[0]:.4g} to {check.ci[1]:.4g})" if check.ci else ""
    return f"{check.value:.4g}{interval}"


CHECKS: tuple[Column[Check], ...] = (
    ("check", lambda check: plain(check.check_id)),
    ("status", lambda check: plain(check.status)),
    ("metric", lambda check: plain(check.metric)),
    ("measured", _measured),
    ("must be", lambda check: f"{check.comparator} {check.threshold:.4g}"),
    ("rows", lambda check: plain(check.n)),
    ("severity", lambda check: plain(check.severity)),
    ("because", lambda check: plain(check.reason_code).replace("_", " ")),
)


def _show(run: Run) -> None:
    if not run.has_ended:
        show_line(f"{run.status}, not finished yet; it continues", "bold yellow")
    elif run.status == "errored":
        show_line(f"could not be evaluated: {plain(run.detail)} [{run.reason_code}]", "bold red")
        show_warning(f"  → {plain(run.resolve)}")
    else:
        show_table(CHECKS, run.checks or (), "It has no check.")
        show_line(f"{run.status} (result {run.result_sha256})", "bold green" if run.status == "passed" else "bold red")
