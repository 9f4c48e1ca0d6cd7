"""`placet apply`: a policy or a plan from YAML; its `kind` says which of the two."""

import difflib
import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from placet.commands.plans import selected
from placet_client import Client, Problem
from placet_client.answers.policies import DefinedPolicy
from placet_client.answers.verification import PlanPreview, PublishedPlan
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.errors import show_error
from placet_client.printing.page import note, show_json, show_line, show_names, show_warning
from placet_client.printing.words import listed, plain
from placet_client.problems import FieldProblem
from placet_shared.errors import Malformed
from placet_shared.strict_yaml import parse_document

__all__ = ["apply"]

KINDS = {"policy": "Policy", "plan": "Plan"}
SHOWN_MODELS = 10
File = Annotated[typer.FileBinaryRead, typer.Option("--file", "-f", metavar="FILE", help="YAML; - is standard input.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change; nothing is defined.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a plan is published.")]


def apply(file: File, dry_run: DryRun = False, yes: Yes = False, who: As = None, as_json: AsJson = False) -> None:
    """Define a policy or a verification plan from YAML. For admins; with --dry-run for all who have a role.

    Of a policy it is said what keeps it from being met: a role that no person has, an environment that is not defined. Of a plan it is
    shown first what changes and which models it concerns; at a terminal you are asked before it is published. Wrong fields are shown with
    their lines. A document that equals the current version changes nothing.
    """
    text = _text(file)
    try:
        kind = _kind(text)
        with installation(who) as placet:
            if kind == "plan":
                return _apply_plan(placet, text, dry_run=dry_run, ask=not yes and sys.stdin.isatty(), as_json=as_json)
            return _apply_policy(placet, text, dry_run=dry_run, as_json=as_json)
    except Problem as problem:
        show_error(problem, text)
        raise typer.Exit(problem.exit_code) from problem


def _apply_policy(placet: Client, text: str, *, dry_run: bool, as_json: bool) -> None:
    checked = placet.approval.check_policy(text)
    if dry_run and as_json:
        return show_json(checked.raw)
    for obstacle in checked.obstacles:
        show_warning(f"placet: {obstacle.detail} [{obstacle.code}]")
        show_warning(f"  → {obstacle.resolve}")
    if dry_run:
        return show_line(f"This policy for {checked.environment} could be defined.")
    defined = placet.approval.define_policy(text)
    if as_json:
        return show_json(defined.raw)
    show_names([defined.environment])
    show_line(_said(f"The policy for {defined.environment}", defined))


def _apply_plan(placet: Client, text: str, *, dry_run: bool, ask: bool, as_json: bool) -> None:
    preview = placet.verification.preview_plan(text)
    if dry_run and as_json:
        return show_json(preview.raw)
    if not as_json:
        _show_preview(preview)
    if dry_run:
        return show_line(f"The plan {preview.name} {'could be published' if preview.changed else 'says this already'}.")
    if preview.changed and ask:
        typer.confirm("Publish it?", abort=True, err=True)
    published = placet.verification.publish_plan(text)
    if as_json:
        return show_json(published.raw)
    show_names([published.name])
    show_line(_said(f"The plan {published.name} for {listed(published.environments)}", published))


def _said(what: str, document: PublishedPlan | DefinedPolicy) -> str:
    version = f"version {document.version}"
    return f"{what} is now {version}." if document.changed else f"{what} says this already ({version})."


def _show_preview(preview: PlanPreview) -> None:
    """On standard error: what changes, for whom, from when."""
    for line in _differences(preview.current.document if preview.current else {}, preview.document):
        note(line)
    shown = preview.models[:SHOWN_MODELS]
    names = ", ".join(f"{plain(model.name)}{f'/{model.latest_number}' if model.latest_number else ''}" for model in shown)
    more = preview.models_in_all - len(shown)
    rest = f" and {more} more" if more else ""
    note(f"concerns {selected(preview.document)} in {listed(preview.environments)}: {names + rest if shown else 'no model yet'}")
    if preview.takes_effect == "immediately":
        note("takes effect immediately: sign-offs of these models that rest on an earlier version of it, or on no run by it, end")
    else:
        note("takes effect at the next request; sign-offs that exist stay")


def _differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """The changed lines of both documents in their full form."""
    before, after = (json.dumps(document, indent=2, ensure_ascii=False).splitlines() if document else [] for document in (old, new))
    if not before:
        return
    for line in difflib.unified_diff(before, after, lineterm="", n=1):
        if not line.startswith(("---", "+++", "@@")):
            yield line


def _text(file: typer.FileBinaryRead) -> str:
    try:
        return file.read().decode()
    except UnicodeDecodeError as error:
        raise typer.BadParameter("the file is no UTF-8 text.", param_hint="--file") from error


def _kind(text: str) -> str:
    """policy or plan; raises `Problem` in the form of the services, so that all errors look alike."""
    try:
        document = parse_document(text)
    except Malformed as error:
        fields = [FieldProblem(one.field, one.value, one.allowed) for one in error.errors]
        resolve = "Put each document into a file of its own and apply them one by one." if "one document" in error.detail else error.resolve
        raise _problem(error.detail, resolve, fields) from error
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    if not isinstance(kind, str) or kind.lower() not in KINDS:
        line = document.line_of(("kind",))
        wrong = FieldProblem(f"line {line}: kind", kind, " or ".join(KINDS.values()))
        detail, resolve = "The document does not say whether it is a policy or a plan.", "Begin it with `kind: Policy` or `kind: Plan`."
        raise _problem(detail, resolve, [wrong])
    return kind.lower()


def _problem(detail: str, resolve: str | None, fields: list[FieldProblem]) -> Problem:
    errors = [{"field": one.field, "value": one.value, "allowed": one.allowed} for one in fields]
    return Problem(422, {"code": "document_invalid", "detail": detail, "resolve": resolve, "errors": errors})
