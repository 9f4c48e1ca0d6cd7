"""`placet rollback --release`: the last release that ran before this one, all of whose versions the gate still allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import typer

from placet_client import Client
from placet_client.answers.gate import Decision
from placet_client.answers.releases import Release, ReleaseMember, ReleaseSummary
from placet_client.commands.releases import decisions_on, exit_code_of, release_of
from placet_client.exit_codes import ExitCode
from placet_client.printing.page import note, show_json, show_line, show_names, show_warning
from placet_client.printing.words import plain

__all__ = ["rollback_release"]

LOOKED_AT = 50
"""So many releases of the environment, the newest before this one."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The releases that were passed over, each with why, and the one to go back to, with what the gate says of its versions."""

    passed_over: Sequence[tuple[ReleaseSummary, str]]
    chosen: ReleaseSummary | None
    decisions: Mapping[str, Decision]


def rollback_release(placet: Client, release: str, environment: str | None, only_show: bool, as_json: bool) -> None:
    """Prints what to deploy. Ends with the exit code of `placet rollback`."""
    current = release_of(placet, release, environment)
    found = _find(placet, current, record=not only_show)
    if as_json:
        _show_json(found)
    else:
        _show(current, found)
    raise typer.Exit(_exit_code(found))


def _find(placet: Client, current: Release, *, record: bool) -> _Found:
    """The newest one before it that has all its models, ran there, and is allowed as a whole."""
    ran = _Ran(placet, current.environment)
    passed_over: list[tuple[ReleaseSummary, str]] = []
    for one in placet.approval.releases(LOOKED_AT, environment=current.environment).items:
        if one.id >= current.id:
            continue
        if why := _unfit(one, current, ran):
            passed_over.append((one, why))
            continue
        decisions = decisions_on(placet, one, record=record)
        if exit_code_of(decisions.values()) is ExitCode.YES:
            return _Found(passed_over, one, decisions)
        reasons = sorted({reason.code for decision in decisions.values() for reason in decision.reasons})
        passed_over.append((one, ", ".join(reasons)))
    return _Found(passed_over, None, {})


class _Ran:
    """What has run in an environment, asked once for each model."""

    def __init__(self, placet: Client, environment: str) -> None:
        self._placet = placet
        self._environment = environment
        self._known: dict[str, set[str]] = {}

    def has(self, member: ReleaseMember) -> bool:
        """Whether this version was ever reported there."""
        if member.model_id not in self._known:
            search = {"environment": self._environment, "model_id": member.model_id, "state": "all"}
            reports = self._placet.registry.deployments(1000, **search).items
            self._known[member.model_id] = {report.version_id for report in reports}
        return member.version_id in self._known[member.model_id]


def _unfit(one: ReleaseSummary, current: ReleaseSummary, ran: _Ran) -> str | None:
    if not {member.model_id for member in current.members} <= {member.model_id for member in one.members}:
        return "it has not all of the models"
    if one.state != "approved" or one.expired or one.suspended:
        return "expired" if one.expired else "suspended" if one.suspended else one.state
    never = [member.name for member in one.members if not ran.has(member)]
    return f"{', '.join(never)} never ran there" if never else None


def _exit_code(found: _Found) -> ExitCode:
    return ExitCode.YES if found.chosen else ExitCode.NO


def _show_json(found: _Found) -> None:
    show_json(
        {
            "passed_over": [{"id": one.id, "name": one.name, "why": why} for one, why in found.passed_over],
            "chosen": found.chosen and found.chosen.raw,
            "decisions": {name: decision.raw for name, decision in found.decisions.items()},
        }
    )


def _show(current: ReleaseSummary, found: _Found) -> None:
    """What to deploy on standard output, what was passed over on standard error."""
    for one, why in found.passed_over:
        show_warning(f"  {plain(one.name)} ({one.id}): {plain(why)}")
    if found.chosen is None:
        show_line(f"{plain(current.name)} can't be rolled back in {current.environment}: no earlier release may run there", "bold red")
        show_warning("    → Roll its models back one by one: `placet rollback MODEL`; or take it out: `placet deployments end --release`.")
        return
    show_names(one.sha256 for one in found.chosen.members)
    show_line(f"deploy release {plain(found.chosen.name)} ({found.chosen.id}) in {current.environment}", "bold green")
    for member in found.chosen.members:
        show_line(f"{plain(member.name)} sha256 {member.sha256}")
    note(f"then report it: placet deploy --release {found.chosen.id} -e {current.environment}")
