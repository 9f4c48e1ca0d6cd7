"""`placet wait`: wait until people have decided, then have the gate decide."""

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from placet_client import Outcome, Subject
from placet_client.commands.defaults import Defaults
from placet_client.commands.questions import undecided_on_error
from placet_client.commands.releases import ReleaseOption, only_release, release_of
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, Number, OptionalTarget, is_sign_off_id
from placet_client.exit_codes import ExitCode
from placet_client.printing.decisions import show_decision
from placet_client.printing.page import note, show_json, show_line
from placet_client.printing.words import plain
from placet_client.retrying import RetryPolicy

__all__ = ["wait"]

# The wait as a whole survives lost connections; a single request need not.
ONE_REQUEST = RetryPolicy(seconds=2.0)


def wait(
    target: OptionalTarget = None,
    number: Number = None,
    environment: Environment = None,
    release: ReleaseOption = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 3600.0,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Wait until a sign-off has ended, then have the gate decide; the decision is recorded.

    It may begin before the sign-off is requested, and waits for services that are away, from the first question to the last. Every minute
    it says on standard error what it waits for. What does not exist (model, version, environment) ends it at once with 4. With --release
    it waits for a release that was requested, and has the gate decide on all its versions.

    Exit code: 0 approved and the gate says yes, 1 rejected or no longer valid, 3 timed out, 4 can't decide. 2 is a usage error.
    """
    if release and only_release(release, target, number):
        raise typer.Exit(_wait_for_release(release, environment, timeout, who, as_json))
    with undecided_on_error():
        subject = _subject(target, number, environment, who, timeout)
    with undecided_on_error(), installation(who, ONE_REQUEST) as placet:
        outcome = placet.wait_for_approval(subject, timeout, note)
    _show(outcome, as_json)
    raise typer.Exit(outcome.exit_code)


def _wait_for_release(release: str, environment: str | None, timeout: float, who: str | None, as_json: bool) -> ExitCode:
    """One version after the other, within the same time: they are approved, and end, together."""
    until, outcomes = time.monotonic() + timeout, dict[str, Outcome]()
    with undecided_on_error(), installation(who, ONE_REQUEST) as placet:
        for one in release_of(placet, release, environment).members:
            outcomes[one.name] = placet.wait_for_approval(Subject(sign_off_id=one.sign_off_id), max(until - time.monotonic(), 0.0), note)
            if outcomes[one.name].exit_code is not ExitCode.YES:
                break
    if as_json:
        show_json({name: _document(outcome) for name, outcome in outcomes.items()})
    else:
        for name, outcome in outcomes.items():
            show_line(plain(name), "bold")
            _show(outcome, as_json=False)
    return max((outcome.exit_code for outcome in outcomes.values()), default=ExitCode.CANNOT_TELL)


def _subject(target: str | None, number: int | None, environment: str | None, who: str | None, timeout: float) -> Subject:
    """What is named, or what placet.yaml says; its newest version is asked for as patiently as all the rest."""
    if target and is_sign_off_id(target, number):
        return Subject(sign_off_id=target)
    defaults = Defaults()
    where, name = defaults.environment(environment), defaults.named(target, number)
    if name is None:
        with installation(who, RetryPolicy(seconds=timeout)) as placet:
            name = defaults.newest(placet)
    defaults.tell()
    return Subject(model=name.model, number=name.number, environment=where)


def _show(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        return show_json(_document(outcome))
    show_line(f"{outcome.verdict.replace('_', ' ')}: {outcome.why}", "bold green" if outcome.verdict == "approved" else "bold red")
    if outcome.decision:
        show_decision(outcome.decision)


def _document(outcome: Outcome) -> Mapping[str, Any]:
    sign_off, decision = (answer.raw if answer else None for answer in (outcome.sign_off, outcome.decision))
    return {"verdict": outcome.verdict, "why": outcome.why, "sign_off": sign_off, "decision": decision}
