"""`placet apply`: a policy or a plan from YAML; its `kind` says which of the two."""

from typing import Annotated

import typer

from placet_client import Client, Problem
from placet_client.answers.policies import CheckedDocument, DefinedPolicy
from placet_client.answers.verification import PublishedPlan
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.errors import show_error
from placet_client.printing.page import show_json, show_line
from placet_client.problems import FieldProblem
from placet_shared.errors import Malformed
from placet_shared.strict_yaml import parse_document

__all__ = ["apply"]

KINDS = {"policy": "Policy", "plan": "Plan"}
File = Annotated[typer.FileBinaryRead, typer.Option("--file", "-f", metavar="FILE", help="YAML; - is standard input.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only check the document; nothing is defined.")]


def apply(file: File, dry_run: DryRun = False, who: As = None, as_json: AsJson = False) -> None:
    """Define a policy or a verification plan from YAML. For admins.

    Wrong fields are shown with their lines. A document that equals the current version changes nothing.
    """
    text = _text(file)
    try:
        kind = _kind(text)
        with installation(who) as placet:
            document = _check(placet, kind, text) if dry_run else _define(placet, kind, text)
    except Problem as problem:
        show_error(problem, text)
        raise typer.Exit(problem.exit_code) from problem
    if as_json:
        return show_json(document.raw)
    show_line(_said(kind, document))


def _check(placet: Client, kind: str, text: str) -> CheckedDocument:
    return placet.verification.check_plan(text) if kind == "plan" else placet.approval.check_policy(text)


def _define(placet: Client, kind: str, text: str) -> PublishedPlan | DefinedPolicy:
    return placet.verification.publish_plan(text) if kind == "plan" else placet.approval.define_policy(text)


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


def _said(kind: str, document: CheckedDocument | PublishedPlan | DefinedPolicy) -> str:
    where = document.environment
    if isinstance(document, CheckedDocument):
        return f"This {kind} for {where} could be defined."
    version = f"version {document.version}"
    return f"The {kind} for {where} is now {version}." if document.changed else f"The {kind} for {where} says this already ({version})."
