"""`placet apply`: policies, floors, plans and the access policy from YAML files and folders, by the `kind` of each."""

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from placet.applying import Checked, check_all, define, in_words, name_of, show_check, would
from placet.documents import read_texts
from placet.replaying import replay_of, show_replay
from placet_client import Client, Problem
from placet_client.answers.policies import PolicyReplay
from placet_client.answers.verification import PlanPreview
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.errors import show_error
from placet_client.printing.page import note, show_json, show_line, show_names, show_warning
from placet_client.problems import ClientError

__all__ = ["apply"]

Files = Annotated[
    list[str],
    typer.Option("--file", "-f", metavar="PATH", help="YAML: a file, a folder with all below it, or - for standard input. Repeatable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change; nothing is defined.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a plan is published.")]

NoReplay = Annotated[bool, typer.Option("--no-replay", help="Do not replay past sign-offs under a changed policy.")]
Replays = Mapping[str, PolicyReplay]


def apply(
    file: Files, dry_run: DryRun = False, yes: Yes = False, no_replay: NoReplay = False, who: As = None, as_json: AsJson = False
) -> None:
    """Define policies, floors, verification plans and the access policy from YAML. For admins; with --dry-run for all who have a role.

    All documents are checked first; when one is wrong, it is shown with its lines and nothing is defined. Of a policy it is said what
    changes, what keeps it from being met, and what it would have made of the sign-offs of the last 180 days: which it would have blocked,
    delayed or let through, and whom it would ask more often. Of a plan it is shown what changes and which models it concerns; at a
    terminal you are asked before it is published. A document that equals the current version changes nothing. Plans come before
    policies; of a folder all *.yaml and *.yml are taken, one document in each.
    """
    texts = read_texts(file)
    with installation(who) as placet:
        try:
            checked = check_all(placet, texts)
        except Problem as problem:
            if len(texts) > 1:
                show_warning(f"placet: nothing was defined: each of the {len(texts)} documents has to be right.")
            raise typer.Exit(problem.exit_code) from problem
        replays = {} if no_replay else _replays(placet, checked)
        if dry_run and as_json:
            return show_json(_one_or_all([(one, _with_replay(one, one.answer.raw, replays)) for one in checked]))
        _show_checks(checked, replays, as_json)
        if dry_run:
            return _show_dry_run(checked)
        if not yes and sys.stdin.isatty():
            _ask(checked)
        _define_all(placet, checked, as_json, replays)


def _replays(placet: Client, checked: Sequence[Checked]) -> Replays:
    """Of the policies that change something, by what each is about."""
    return {one.about: found for one in checked if (found := replay_of(placet, one))}


def _with_replay(one: Checked, answer: dict[str, Any], replays: Replays) -> dict[str, Any]:
    return {**answer, "replay": replays[one.about].raw} if one.about in replays else answer


def _show_checks(checked: Sequence[Checked], replays: Replays, as_json: bool) -> None:
    """With JSON only what keeps a policy from being met."""
    for one in checked:
        if as_json and isinstance(one.answer, PlanPreview):
            continue
        if len(checked) > 1:
            note(f"{one.source.name}:")
        show_check(one)
        if one.about in replays and not as_json:
            show_replay(replays[one.about])


def _show_dry_run(checked: Sequence[Checked]) -> None:
    for one in checked:
        show_line(would(one))
    if len(checked) > 1:
        show_line(f"{len(checked)} documents could be applied; nothing was defined.", "bold")


def _ask(checked: Sequence[Checked]) -> None:
    changed = [one for one in checked if isinstance(one.answer, PlanPreview) and one.answer.changed]
    if changed:
        typer.confirm("Publish it?" if len(checked) == 1 else f"Publish {len(changed)} plans, and apply the rest?", abort=True, err=True)


def _define_all(placet: Client, checked: Sequence[Checked], as_json: bool, replays: Replays) -> None:
    done: list[tuple[Checked, dict[str, Any]]] = []
    changed = 0
    for one in checked:
        try:
            defined = define(placet, one)
        except ClientError as error:
            show_error(error, one.source.text)
            if len(checked) > 1:
                left = ", ".join(other.about for other in checked[len(done) :])
                show_warning(f"placet: {len(done)} of {len(checked)} documents were applied. Not applied: {left}.")
                show_warning("  → Apply all of them again: what was applied stays as it is.")
            raise typer.Exit(error.exit_code) from error
        done.append((one, _with_replay(one, defined.raw, replays)))
        changed += defined.changed
        if not as_json:
            show_names([name_of(defined)])
            show_line(in_words(defined))
    if as_json:
        return show_json(_one_or_all(done))
    if len(done) > 1:
        show_line(f"{len(done)} documents: {changed} changed something, {len(done) - changed} said the same already.", "bold")


def _one_or_all(answers: Sequence[tuple[Checked, dict[str, Any]]]) -> Any:
    """Of one document the service's answer; of several a list with the file of each."""
    if len(answers) == 1:
        return answers[0][1]
    return [{"file": one.source.name, "kind": one.kind, "answer": answer} for one, answer in answers]
