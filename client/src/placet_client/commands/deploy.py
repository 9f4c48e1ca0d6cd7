"""`placet deploy` reports a deployment that the gate allows; `placet deployments report` reports what runs, whatever the gate says."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from placet_client import Client
from placet_client.answers.gate import Decision
from placet_client.answers.registry import ReportedDeployment
from placet_client.commands.completion import environments
from placet_client.commands.defaults import Defaults, OptionalModel
from placet_client.commands.questions import undecided_on_error
from placet_client.commands.releases import ReleaseOption, deploy_release, only_release
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Number
from placet_client.printing.decisions import show_decision, show_reasons
from placet_client.printing.errors import show_error
from placet_client.printing.page import show_json, show_line, show_names, show_warning
from placet_client.printing.words import short
from placet_client.problems import ClientError

__all__ = ["deploy", "report_deployment"]

Digest = Annotated[str | None, typer.Option(help="SHA-256 of what was deployed; with a version, the two must agree.")]
Where = Annotated[
    str | None,
    typer.Option("--environment", "-e", help="The environment that it runs in now.", show_default=False, autocompletion=environments),
]


def deploy(
    model: OptionalModel = None,
    number: Number = None,
    environment: Where = None,
    digest: Digest = None,
    release: ReleaseOption = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Report it also when the gate says no: it runs there all the same.")] = False,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Ask the gate, and report that a version runs now, in place of the model's version before it. For pipelines and admins.

    With --release the gate is asked for all its versions, and all of them are reported at once, or none.

    Exit code: 0 reported, 1 the gate says no and nothing was reported (unless --anyway), 4 it can't decide, so no. 2 is a usage error.
    """
    with undecided_on_error(), installation(who) as placet:
        if release and only_release(release, model, number, digest):
            return deploy_release(placet, release, environment, anyway, as_json)
        environment, subject = _subject(placet, environment, model, number, digest)
        if anyway:
            decision = _decision(placet, environment, subject)
        else:
            question = _question(environment, subject)
            decision = placet.approval.ask_gate(question)
            if decision.break_glass:  # what one lets in is on record, and listed with it
                decision = placet.approval.decide(question)
            if not decision.allowed:
                _show_refused(decision, as_json)
                raise typer.Exit(decision.exit_code)
        reported = placet.registry.report_deployment(environment, **subject)
    _show(reported, decision, as_json)


def report_deployment(
    model: OptionalModel = None,
    number: Number = None,
    environment: Where = None,
    digest: Digest = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Report that a version runs now, in place of the model's version before it. For pipelines and admins.

    What runs is a fact: it is recorded whatever the gate says, and said to be unapproved when it says no.
    """
    with installation(who) as placet:
        environment, subject = _subject(placet, environment, model, number, digest)
        reported = placet.registry.report_deployment(environment, **subject)
        decision = _decision(placet, environment, subject)
    _show(reported, decision, as_json)


def _subject(
    placet: Client, environment: str | None, model: str | None, number: int | None, digest: str | None
) -> tuple[str, Mapping[str, str | None]]:
    """The environment; and the version, looked up, with the digest, as a report names them."""
    defaults = Defaults()
    where = defaults.environment(environment)
    name = defaults.version(placet, model, number) if model or not digest else None
    defaults.tell()
    return where, {"version_id": placet.registry.version(name.model, name.number).id if name else None, "sha256": digest}


def _question(environment: str, subject: Mapping[str, str | None]) -> Mapping[str, Any]:
    """The same for the gate."""
    named = {"environment": environment, "version_id": subject["version_id"], "digest": subject["sha256"]}
    return {name: value for name, value in named.items() if value}


def _decision(placet: Client, environment: str, subject: Mapping[str, str | None]) -> Decision | None:
    """What the gate says, or None: what runs can be reported also while the gate does not answer."""
    try:
        return placet.approval.ask_gate(_question(environment, subject))
    except ClientError as error:
        show_error(error)
        return None


def _show_refused(decision: Decision, as_json: bool) -> None:
    if as_json:
        return show_json({"reported": None, "decision": decision.raw})
    show_decision(decision)
    show_warning("placet: nothing was reported. If it runs there all the same, say so: --anyway.")


def _show(reported: ReportedDeployment, decision: Decision | None, as_json: bool) -> None:
    if as_json:
        return show_json({**reported.raw, "decision": decision.raw if decision else None})
    decided = decision is not None and decision.decided
    mark = "; whether it may is not known" if not decided else "" if decision and decision.allowed else ", unapproved"
    if decision and decision.break_glass:
        mark = f", by break-glass {decision.break_glass}"
    show_names([reported.id])
    show_line(f"Reported: {short(reported.sha256)} runs in {reported.environment}{mark} (deployment {reported.id}).")
    if decision:
        show_reasons(decision.reasons)
