"""`placet try`: rows of one's own, predicted and explained by a version; no evidence."""

from pathlib import Path
from typing import Annotated

import typer

from placet.given_rows import MOST_ROWS, given_row, rows_of_file
from placet.printing.tried_rows import show_trial
from placet_client import ExitCode
from placet_client.answers.trials import Trial
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Model, Number, named_version
from placet_client.printing.page import show_json

__all__ = ["try_rows"]


def try_rows(
    model: Model,
    number: Number = None,
    *,
    environment: Annotated[str, typer.Option("--environment", "-e", help="The environment whose plan says what the columns mean.")],
    row: Annotated[
        list[str] | None, typer.Option("--row", metavar="COLUMN=VALUE,…", help="A row, with every column that the model takes.")
    ] = None,
    rows: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Rows in a CSV file with a header line.")
    ] = None,
    plan: Annotated[str | None, typer.Option(metavar="PLAN", help="The plan, where several in force run the model.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="SHA256", help="The data set, for plans that leave it open.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 120.0,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Have a version predict rows of your own: each is explained, with the nearest change that would change the answer. Never evidence.

    Exit code: 0 every row was predicted, 1 refused, 4 the model could not be tried or has no prediction for a row, 3 not answered in time.
    """
    name = named_version(model, number)
    given = [given_row(text) for text in row or ()] + (rows_of_file(rows) if rows else [])
    if not 1 <= len(given) <= MOST_ROWS:
        raise typer.BadParameter(f"1 to {MOST_ROWS} rows, not {len(given)}.", param_hint="--row, --rows")
    with installation(who) as placet:
        version = placet.registry.version(name.model, name.number)
        trial = placet.verification.try_rows(version.id, environment, given, timeout, plan, dataset)
    if as_json:
        show_json(trial.raw)
    else:
        show_trial(trial, given)
    raise typer.Exit(_exit_code(trial))


def _exit_code(trial: Trial) -> ExitCode:
    if not trial.has_ended:
        return ExitCode.TIMED_OUT
    answered = trial.tried is not None and all(one.prediction is not None for one in trial.tried.rows)
    return ExitCode.YES if answered else ExitCode.CANNOT_TELL
