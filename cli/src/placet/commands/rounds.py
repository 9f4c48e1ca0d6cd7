"""`placet signoff`, the rest of it: feedback before people sign, issues, new rounds, conditions, holds."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from placet.commands.moments import moment_of
from placet.commands.signoff import act, signoff
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Environment, Number, Target, find_sign_off_id
from placet_client.operations.paths import quoted

__all__ = ["signoff"]

Why = Annotated[str, typer.Option("--rationale", "-r", help="Your reasons, in your words.")]
IssueId = Annotated[str | None, typer.Option("--issue", help="Its id, as `signoff show` has it; left out: the one that is there.")]
ConditionId = Annotated[str | None, typer.Option("--condition", help="Its id, as `signoff show` has it; left out: the one that is there.")]


@signoff.command("feedback")
def feedback(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    group: Annotated[str, typer.Option("--group", "-g", help="The group for which you answer.")],
    verdict: Annotated[str, typer.Option(help="approve, minor_issue or major_issue; an issue needs a comment.")] = "approve",
    comment: Annotated[str | None, typer.Option("--comment", "-c", help="What you found.")] = None,
    attach: Annotated[list[str] | None, typer.Option(help="SHA-256 of a file; may be repeated.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Answer for a group that the policy asks before people sign; a major issue holds the approval until it is resolved or waived."""
    body = {"group": group, "verdict": verdict.replace("-", "_"), "comment": comment, "attachments": attach or []}
    act("feedback", body, target, number, environment, who, as_json)


@signoff.command("resolve")
def resolve(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    rationale: Why,
    issue: IssueId = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say that an issue is dealt with. For people of the group that raised it."""
    verb = f"issues/{quoted(issue or _only_issue(target, number, environment, who))}/resolve"
    act(verb, {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("waive")
def waive(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    until: Annotated[str, typer.Option(help="A duration such as 30d, or a date; the approval ends by then.")],
    rationale: Why,
    issue: IssueId = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Let it go on with an open issue, until a time. For people in a role that the policy names."""
    body = {"rationale": rationale, "until": moment_of(until)}
    act(f"issues/{quoted(issue or _only_issue(target, number, environment, who))}/waive", body, target, number, environment, who, as_json)


@signoff.command("request-changes")
def request_changes(
    target: Target, number: Number = None, environment: Environment = None, *, rationale: Why, who: As = None, as_json: AsJson = False
) -> None:
    """Send it back to its requester: nothing is signed until a new round begins."""
    act("request-changes", {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("reset")
def reset(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    rationale: Annotated[str | None, typer.Option("--rationale", "-r", help="What was changed.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Begin a new round, for how things are now: what was said stays, issues stay open. For its requester."""
    act("reset", {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("met")
def met(
    target: Target,
    number: Number = None,
    environment: Environment = None,
    *,
    rationale: Why,
    condition: ConditionId = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Say that a condition was met. For the person who set it, or another one who may sign; never for its owner."""
    verb = f"conditions/{quoted(condition or _only_condition(target, number, environment, who))}/met"
    act(verb, {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("suspend")
def suspend(
    target: Target, number: Number = None, environment: Environment = None, *, rationale: Why, who: As = None, as_json: AsJson = False
) -> None:
    """Hold an approved one at once: the gate says no. For its signers, people who may sign, and admins."""
    act("suspend", {"rationale": rationale}, target, number, environment, who, as_json)


@signoff.command("resume")
def resume(
    target: Target, number: Number = None, environment: Environment = None, *, rationale: Why, who: As = None, as_json: AsJson = False
) -> None:
    """Let a suspended one go on. For people who may sign and have no part in the version."""
    act("resume", {"rationale": rationale}, target, number, environment, who, as_json)


def _only_issue(target: str, number: int | None, environment: str | None, who: str | None) -> str:
    with installation(who) as placet:
        found = placet.approval.sign_off(find_sign_off_id(placet, target, number, environment))
    return _only([issue for issue in found.issues if issue.state != "resolved"], "open issue", "--issue")


def _only_condition(target: str, number: int | None, environment: str | None, who: str | None) -> str:
    with installation(who) as placet:
        found = placet.approval.sign_off(find_sign_off_id(placet, target, number, environment))
    return _only([condition for condition in found.conditions if not condition.met], "open condition", "--condition")


def _only(those: Sequence[Any], what: str, option: str) -> str:
    if len(those) != 1:
        raise typer.BadParameter(f"The sign-off has {len(those) or 'no'} {what}{'s' if len(those) > 1 else ''}; name one with {option} ID.")
    return str(those[0].id)
