"""`placet rollback`: which earlier version may run again in place of the current one?"""

from collections.abc import Sequence
from typing import Annotated

import typer

from placet_client.answers.gate import RecordedDecision
from placet_client.answers.rollback import RollbackCandidate
from placet_client.commands.defaults import Defaults, OptionalModel
from placet_client.commands.questions import undecided_on_error
from placet_client.commands.release_rollback import rollback_release
from placet_client.commands.releases import ReleaseOption, only_release
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment
from placet_client.exit_codes import ExitCode
from placet_client.printing.decisions import show_reasons
from placet_client.printing.page import note, show_json, show_line, show_names, show_warning
from placet_client.printing.times import ago, dated

__all__ = ["rollback"]


def rollback(
    model: OptionalModel = None,
    environment: Environment = None,
    release: ReleaseOption = None,
    only_show: Annotated[bool, typer.Option("--dry-run", help="Only show what there is; no decision is recorded.")] = False,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """The last version of a model that ran there before the current one and that the gate still allows, by a recorded decision.

    Prints what to deploy; deploy exactly these bytes, then report it: `placet deploy`. For pipelines, developers and admins.

    With --release: the last release before this one that has all its models, ran there, and is allowed as a whole.

    Exit code: 0 there is one, 1 there is none, 4 can't decide, so no. 2 is a usage error.
    """
    with undecided_on_error(), installation(who) as placet:
        if release and only_release(release, model):
            return rollback_release(placet, release, environment, only_show, as_json)
        defaults = Defaults()
        name, where = defaults.model(model), defaults.environment(environment)
        defaults.tell()
        found = placet.approval.rollback_candidates(name, where)
        candidates = found.items
        chosen = next((one for one in candidates if one.allowed and one.decided), None)
        decision = None
        if chosen and not only_show:
            decision = placet.approval.decide({"environment": where, "version_id": chosen.version_id, "digest": chosen.sha256})
    if as_json:
        show_json({"candidates": found.raw["items"], "chosen": chosen and chosen.version_id, "decision": decision and decision.raw})
    else:
        _show(name, where, candidates, chosen, decision)
    raise typer.Exit(_exit_code(candidates, chosen, decision))


def _exit_code(candidates: Sequence[RollbackCandidate], chosen: RollbackCandidate | None, decision: RecordedDecision | None) -> ExitCode:
    """Of the recorded decision, if there is one."""
    if decision:
        return decision.exit_code
    if chosen:
        return ExitCode.YES
    return ExitCode.NO if all(one.decided for one in candidates) else ExitCode.CANNOT_TELL


def _show(
    model: str, where: str, candidates: Sequence[RollbackCandidate], chosen: RollbackCandidate | None, decision: RecordedDecision | None
) -> None:
    """What to deploy on standard output, what was passed over on standard error."""
    for one in candidates:
        if one is chosen:
            break
        show_warning(f"  {model}/{one.number}: {', '.join(one.reasons)}")
    if chosen is None:
        missing = "none of them may run there now" if candidates else "no other version ran there before"
        show_line(f"{model} can't be rolled back in {where}: {missing}", "bold red")
        if candidates:
            show_warning(f"    → Ask what is missing: `placet gate {model}/{candidates[0].number} -e {where}`.")
        return
    _show_chosen(model, where, chosen, decision)


def _show_chosen(model: str, where: str, chosen: RollbackCandidate, decision: RecordedDecision | None) -> None:
    allowed = decision is None or decision.allowed
    show_names([chosen.sha256])
    recorded = f" (decision {decision.id})" if decision and decision.id else ""
    verdict = "deploy" if allowed else "denied a moment later:"
    show_line(f"{verdict} {model}/{chosen.number} in {where}{recorded}", "bold green" if allowed else "bold red")
    show_line(f"sha256 {chosen.sha256}")
    if decision:
        show_reasons(decision.reasons)
        if decision.valid_until:
            note(f"to be used until {dated(decision.valid_until)}")
    note(f"it ran there until {ago(chosen.ended_at)}; then report it: placet deploy {model}/{chosen.number} -e {where}")
