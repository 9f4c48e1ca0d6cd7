"""`placet doctor`: what keeps Placet from working here, and what helps."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version

import typer

from placet.commands.up import DataDir
from placet_client import ClientError
from placet_client.answers.people import Identity
from placet_client.commands.session import As, AsJson, installation, known_addresses, known_profiles
from placet_client.printing.page import show_finding, show_json, show_line
from placet_client.retrying import RetryPolicy
from placet_shared.settings import default_data_dir

__all__ = ["doctor"]

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}
ONE_ATTEMPT = RetryPolicy(seconds=0.0)


def doctor(data_dir: DataDir = None, who: As = None, as_json: AsJson = False) -> None:
    """Look for what keeps Placet from working, on this machine and at the services.

    Python, disk, files with secrets, ports, open files, sandbox; whether each service is ready, versions, clocks, token. Each line is
    ok, warn or fail, with the command or the page that helps.

    Exit code: 0 nothing fails, 1 something does.
    """
    # Only this command needs it, and it takes a while to load.
    from placet.doctor import Finding, State, examine_machine, examine_services
    from placet.doctor.services import holder

    folder = (data_dir or default_data_dir()).expanduser().absolute()
    found = [*examine_machine(folder, known_profiles(), os.environ)]
    try:
        found += examine_services(known_addresses(who), version("placet-client"))
        found.append(holder(_identity(who), datetime.now(UTC)))
    except ClientError as error:  # a profile or a variable that is wrong: there is no address to ask
        found.append(Finding("addresses", State.FAIL, error.detail, error.resolve or ""))
    if as_json:
        show_json([asdict(one) for one in found])
    else:
        for one in found:
            show_finding(f"{one.state:<4}  {one.what:<20}  ", one.said, COLOURS[one.state] if one.state != State.OK else "")
            if one.resolve:
                show_finding("      → ", one.resolve)
        show_line(_summary([one.state for one in found]), "bold")
    raise typer.Exit(any(one.state == State.FAIL for one in found))


def _identity(who: str | None) -> Identity | ClientError:
    try:
        with installation(who, ONE_ATTEMPT) as placet:
            return placet.approval.whoami()
    except ClientError as error:
        return error


def _summary(states: Sequence[str]) -> str:
    return ", ".join(f"{states.count(state)} {state}" for state in COLOURS if state in states)
