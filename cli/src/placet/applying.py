"""Checks policies, plans and the access policy without defining them, says what they would change, and defines them."""

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from placet.commands.plans import selected
from placet.documents import KINDS, NamedText, kind_of
from placet.printing.policy_terms import changed_terms
from placet_client import Client, ClientError
from placet_client.answers.access import CheckedAccessPolicy, DefinedAccessPolicy
from placet_client.answers.policies import CheckedDocument, DefinedPolicy, Policy
from placet_client.answers.verification import PlanPreview, PublishedPlan
from placet_client.printing.errors import show_error
from placet_client.printing.page import note, show_warning
from placet_client.printing.words import listed, plain
from placet_client.problems import Problem

__all__ = ["Checked", "check_all", "define", "in_words", "name_of", "show_check", "would"]

SHOWN_MODELS = 10
Defined = DefinedPolicy | PublishedPlan | DefinedAccessPolicy


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that could be defined."""

    source: NamedText
    kind: str
    answer: CheckedDocument | PlanPreview | CheckedAccessPolicy
    current: Policy | None = None

    @property
    def about(self) -> str:
        """What it defines; two documents about the same thing can't both be meant."""
        if isinstance(self.answer, CheckedAccessPolicy):
            return "the access policy"
        if isinstance(self.answer, PlanPreview):
            return f"the plan {self.answer.name}"
        named = f" {self.answer.name}" if self.answer.name else ""
        return f"the {self.answer.kind}{named} for {self.answer.environment}"


def check_all(placet: Client, texts: Sequence[NamedText]) -> list[Checked]:
    """In the order in which they are to be defined; shows what is wrong with each, and raises the first error after all were checked."""
    checked: dict[str, Checked] = {}
    wrong: list[ClientError] = []
    for source in texts:
        try:
            one = _check(placet, source)
            if one.about in checked:
                raise _twice(one, checked[one.about])
        except Problem as problem:
            if len(texts) > 1:
                show_warning(f"{source.name}:", "bold")
            show_error(problem, source.text)
            wrong.append(problem)
        else:
            checked[one.about] = one
    if wrong:
        raise wrong[0]
    return sorted(checked.values(), key=lambda one: list(KINDS).index(one.kind))


def define(placet: Client, one: Checked) -> Defined:
    """Defines it; nothing changes when the current version says the same."""
    if one.kind == "accesspolicy":
        return placet.approval.define_access_policy(one.source.text)
    if one.kind == "plan":
        return placet.verification.publish_plan(one.source.text)
    return placet.approval.define_policy(one.source.text)


def name_of(defined: Defined) -> str:
    """The environment of a policy, the name of a plan."""
    if isinstance(defined, DefinedAccessPolicy):
        return "access-policy"
    return defined.environment if isinstance(defined, DefinedPolicy) else defined.name


def in_words(defined: Defined) -> str:
    """What was defined, and its version."""
    if isinstance(defined, DefinedAccessPolicy):
        return _access_in_words(defined)
    if isinstance(defined, PublishedPlan):
        what = f"The plan {defined.name} for {listed(defined.environments)}"
    else:
        what = f"The policy {defined.name} for {defined.environment}" if defined.name else f"The policy for {defined.environment}"
        if defined.proposed_change:
            return f"{what} asks for less, which waits for a second admin: placet access confirm {defined.proposed_change}"
    version = f"version {defined.version}"
    return f"{what} is now {version}." if defined.changed else f"{what} says this already ({version})."


def _access_in_words(defined: DefinedAccessPolicy) -> str:
    if defined.proposed_change:
        return f"That one admin is enough waits for a second admin: placet access confirm {defined.proposed_change}"
    asks = "asks for two admins" if defined.two_admins else "is content with one admin"
    return f"The access policy {asks} {'from now on' if defined.changed else 'already'}."


def would(one: Checked) -> str:
    """What defining it would do."""
    if isinstance(one.answer, CheckedAccessPolicy):
        return f"The access policy would {'ask for two admins' if one.answer.two_admins else 'be content with one admin'}."
    if isinstance(one.answer, PlanPreview):
        return f"The plan {one.answer.name} {'could be published' if one.answer.changed else 'says this already'}."
    return f"This {one.answer.kind} for {one.answer.environment} could be defined."


def show_check(one: Checked) -> None:
    """On standard error: of a policy what changes and what keeps it from being met, of a plan what changes, for whom, from when."""
    if isinstance(one.answer, PlanPreview):
        return _show_preview(one.answer)
    if isinstance(one.answer, CheckedAccessPolicy):
        return
    if one.current and one.current.sha256 != one.answer.sha256:
        for line in changed_terms(one.current.content, one.answer.content):
            note(line)
    if one.answer.weakens:
        note(f"it asks for less: {listed(one.answer.weakens)}")
    if one.answer.name:
        note(f"is for {selected(one.answer.content)} in {plain(one.answer.environment)}: {_concerned(one.answer)}")
    if (one.current and one.current.sha256 != one.answer.sha256) or one.answer.takes_effect != "next":
        note(_effect(one.answer, one.current))
    for obstacle in one.answer.obstacles:
        show_warning(f"placet: {obstacle.detail} [{obstacle.code}]")
        show_warning(f"  → {obstacle.resolve}")


def _check(placet: Client, source: NamedText) -> Checked:
    kind = kind_of(source.text)
    if kind == "accesspolicy":
        return Checked(source, kind, placet.approval.check_access_policy(source.text))
    if kind == "plan":
        return Checked(source, kind, placet.verification.preview_plan(source.text))
    answer = placet.approval.check_policy(source.text)
    return Checked(source, kind, answer, _current(placet, answer.environment, answer.name))


def _concerned(checked: CheckedDocument) -> str:
    more = checked.concerned_in_all - len(checked.concerned)
    names = ", ".join(plain(name) for name in checked.concerned) + (f" and {more} more" if more else "")
    return names or "no model yet"


def _effect(checked: CheckedDocument, current: Policy | None) -> str:
    match checked.takes_effect:
        case "immediately" if current:
            under = f"sign-offs for {plain(checked.environment)} under version {current.version}"
            return f"takes effect immediately: {under} end, open and approved ones"
        case "immediately":
            return "takes effect immediately: sign-offs of these models that were requested before end, open and approved ones"
        case "at-renewal":
            return "takes effect at renewal: for a model that has an approval now, at the first request after it has ended"
        case _:
            return "takes effect at the next request; sign-offs that exist stay"


def _current(placet: Client, environment: str, name: str | None) -> Policy | None:
    """The newest version of this name, if there is one."""
    try:
        found = placet.approval.policy(environment)
        return next((one for one in (*found.versions, *found.for_models) if one.name == name and one.withdrawn_at is None), None)
    except Problem as problem:
        if problem.code == "policy_not_found":
            return None
        raise


def _twice(one: Checked, first: Checked) -> Problem:
    detail = f"{one.source.name} and {first.source.name} both define {one.about}."
    return Problem(422, {"code": "document_invalid", "detail": detail, "resolve": "Keep one of them."})


def _show_preview(preview: PlanPreview) -> None:
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
