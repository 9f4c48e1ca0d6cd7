"""Releases for the commands of pipelines: `placet deploy`, `placet wait` and `placet rollback` with `--release`."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from placet_client import Client
from placet_client.answers.gate import Decision
from placet_client.answers.registry import ReportedDeployments
from placet_client.answers.releases import Release, ReleaseSummary
from placet_client.commands.defaults import Defaults
from placet_client.exit_codes import ExitCode
from placet_client.operations.paths import IDENTIFIER
from placet_client.printing.decisions import show_reasons
from placet_client.printing.page import note, show_json, show_line, show_names, show_warning
from placet_client.printing.words import plain, short

__all__ = ["ReleaseOption", "decisions_on", "deploy_release", "exit_code_of", "only_release", "release_of", "show_denied"]

ReleaseOption = Annotated[
    str | None,
    typer.Option("--release", metavar="RELEASE", help="All versions of this release, by its id or name, as one.", show_default=False),
]


def only_release(release: str | None, *others: object) -> bool:
    """Whether a release is named; raises a usage error when a version is named besides."""
    if release and any(other is not None for other in others):
        raise typer.BadParameter("name a release, or a version, and not both.", param_hint="--release")
    return release is not None


def release_of(placet: Client, release: str, environment: str | None) -> Release:
    """The release; a name stands for the newest of it in the environment."""
    defaults = Defaults()
    where = environment if IDENTIFIER.fullmatch(release) else defaults.environment(environment)
    defaults.tell()
    found = placet.approval.find_release(release, where)
    if where and found.environment != where:
        raise typer.BadParameter(f"the release {found.name} is for {found.environment}, not for {where}.", param_hint="--environment")
    return found


def deploy_release(placet: Client, release: str, environment: str | None, anyway: bool, as_json: bool) -> None:
    """Asks the gate for every version first, and reports all of them by one call, or none. Ends with the exit code of `placet deploy`."""
    found = release_of(placet, release, environment)
    decisions = decisions_on(placet, found)
    if not anyway and (code := exit_code_of(decisions.values())) is not ExitCode.YES:
        if as_json:
            show_json({"reported": None, "decisions": {name: decision.raw for name, decision in decisions.items()}})
        else:
            show_denied(decisions)
            show_warning("placet: nothing was reported. If all of it runs there all the same, say so: --anyway.")
        raise typer.Exit(code)
    reported = placet.registry.report_deployments(found.environment, {one.version_id: one.sha256 for one in found.members})
    if as_json:
        return show_json({**reported.raw, "decisions": {name: decision.raw for name, decision in decisions.items()}})
    _show_reported(reported, found, decisions)


def decisions_on(placet: Client, release: ReleaseSummary, *, record: bool = False) -> Mapping[str, Decision]:
    """What the gate says of each version, by its name; recorded where a break-glass lets one in, and when it is asked for."""
    decisions: dict[str, Decision] = {}
    for one in release.members:
        question = {"environment": release.environment, "version_id": one.version_id, "digest": one.sha256}
        decision = placet.approval.decide(question) if record else placet.approval.ask_gate(question)
        if decision.break_glass and not record:
            decision = placet.approval.decide(question)
        decisions[one.name] = decision
    return decisions


def exit_code_of(decisions: Iterable[Decision]) -> ExitCode:
    """No where one is a no; that it can't be told where no other one is a no."""
    codes = [decision.exit_code for decision in decisions]
    if ExitCode.NO in codes:
        return ExitCode.NO
    return ExitCode.CANNOT_TELL if ExitCode.CANNOT_TELL in codes else ExitCode.YES


def show_denied(decisions: Mapping[str, Decision]) -> None:
    """Each version that may not run there, with the reasons."""
    for name, decision in decisions.items():
        if not decision.allowed:
            show_line(f"{plain(name)}: {'denied' if decision.decided else 'can not be decided, so no'}", "bold red")
            show_reasons(decision.reasons)


def _show_reported(reported: ReportedDeployments, release: Release, decisions: Mapping[str, Decision]) -> None:
    names = {one.version_id: one.name for one in release.members}
    show_names(one.id for one in reported.begun)
    for one in reported.begun:
        name = names.get(one.version_id, one.version_id)
        decision = decisions.get(name)
        mark = "" if decision and decision.allowed else ", unapproved"
        show_line(f"Reported: {plain(name)} ({short(one.sha256)}) runs in {reported.environment}{mark} (deployment {one.id}).")
    note(f"all {len(reported.begun)} versions of {plain(release.name)} were reported at once")
