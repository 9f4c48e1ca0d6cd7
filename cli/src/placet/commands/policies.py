"""`placet policies`: what each environment asks for before the gate says yes."""

import re
from typing import Annotated

import typer

from placet.commands.listing import noun
from placet.commands.plans import selected
from placet.policy_examples import example_policies
from placet.printing.people import Names
from placet.printing.policy_terms import because, called, changes, evidence_in_words, signatures_in_words, terms_in_words
from placet_client.answers.policies import ChosenPolicy, Policy, RaisingPolicy
from placet_client.commands.session import As, AsJson, installation
from placet_client.commands.subjects import Model, Number, named_version
from placet_client.printing.page import Column, show_facts, show_json, show_line, show_names, show_table
from placet_client.printing.times import ago, dated
from placet_client.printing.words import listed, plain

__all__ = ["policies"]

policies = noun("Policies: list and show what environments ask for, see which is for a version; `placet apply` defines them.")


COLUMNS: tuple[Column[Policy], ...] = (
    ("environment", lambda policy: plain(policy.environment)),
    ("policy", lambda policy: called(policy.name, policy.kind)),
    ("version", lambda policy: plain(policy.version)),
    ("for", lambda policy: selected(policy.content)),
    ("mode", lambda policy: plain(policy.mode)),
    ("signatures", lambda policy: signatures_in_words(policy.content)),
    ("evidence", lambda policy: evidence_in_words(policy.content)),
    ("defined", lambda policy: ago(policy.defined_at)),
)
IN_SHORT: tuple[Column[Policy], ...] = (COLUMNS[0], COLUMNS[1], COLUMNS[3], COLUMNS[5])
OTHERS: tuple[Column[Policy], ...] = (*COLUMNS[1:6],)
CHOSEN: tuple[Column[ChosenPolicy], ...] = (
    ("policy", lambda one: called(one.name, one.kind)),
    ("version", lambda one: plain(one.version)),
    ("because of", lambda one: plain(one.entry)),
)
RAISING: tuple[Column[RaisingPolicy], ...] = (
    *((heading, lambda one, value=value: value(one.policy)) for heading, value in CHOSEN[:2]),
    ("because of", lambda one: plain(because(one))),
    ("raises", lambda one: ", ".join(plain(line) for line in changes(one)) or "nothing more"),
)


@policies.command("list")
def list_policies(who: As = None, as_json: AsJson = False) -> None:
    """The newest version of every policy and floor."""
    with installation(who) as placet:
        found = placet.approval.policies()
    if as_json:
        return show_json([policy.raw for policy in found])
    show_names(policy.environment if policy.name is None else f"{policy.environment} {policy.name}" for policy in found)
    show_table(COLUMNS, found, "There is no policy, so the gate says no to everything.", narrow=IN_SHORT)


@policies.command("show")
def show_policy(
    environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT")],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Of a policy for some models, or of a floor.")] = None,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """One environment's policy, the versions there were, and the policies for some models; with a name, one of these."""
    with installation(who) as placet:
        found = placet.approval.policy(environment)
        if as_json:
            return show_json(found.raw)
        versions = [one for one in (*found.versions, *found.for_models) if one.name == name]
        if not versions:
            raise typer.BadParameter(f"{environment} has no policy {name or 'of its own'}.", param_hint="NAME")
        defined_by = Names(placet).of(versions[0].defined_by)
    shown = versions[0]
    show_names([found.environment])
    show_facts(
        [
            *((heading, value(shown)) for heading, value in COLUMNS),
            ("by", defined_by),
            ("takes effect", plain(shown.takes_effect)),
            *terms_in_words(shown.content),
            ("sha256", plain(shown.sha256)),
            ("earlier", listed(version.version for version in versions[1:])),
            ("withdrawn", dated(shown.withdrawn_at)),
        ]
    )
    others = {one.policy_id: one for one in reversed(found.for_models) if one.withdrawn_at is None}
    if name is None and others:
        show_line("")
        show_table(OTHERS, list(others.values()), "")


@policies.command("for")
def policies_for(
    model: Model,
    number: Number = None,
    *,
    environment: Annotated[str, typer.Option("--environment", "-e", help="The environment that it is to go to.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Which policy a sign-off of this version would be bound to, by which entry, what raises it, and which would count without it.

    A sign-off that exists goes on under the policy that it is bound to.
    """
    name = named_version(model, number)
    with installation(who) as placet:
        number = placet.registry.version(name.model, name.number).number
        found = placet.approval.policies_for(name.model, number, environment)
    if as_json:
        return show_json(found.raw)
    show_names([called(found.policy.name, found.policy.kind)])
    content = found.content
    asked = (plain(content["mode"]), signatures_in_words(content), evidence_in_words(content))
    chosen = [(heading, value(found.policy)) for heading, value in CHOSEN]
    show_facts([*chosen, *zip(("mode", "signatures", "evidence"), asked, strict=True), *terms_in_words(content)])
    if found.raised_by:
        show_line("")
        show_line("raised by", "bold")
        show_table(RAISING, found.raised_by, "")
    if found.otherwise:
        show_line("")
        show_line("without it there would be", "bold")
        show_table(CHOSEN, found.otherwise, "")


@policies.command("withdraw")
def withdraw_policy(
    environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of a policy for some models, or of a floor.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is no longer needed; free text.")],
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """A policy for some models, or a floor, counts for no request from now on; sign-offs that are bound to it stay so. For admins."""
    with installation(who) as placet:
        done = placet.approval.withdraw_policy(environment, name, reason)
    if as_json:
        return show_json(done.raw)
    if done.proposed_change:
        what = f"That the policy {done.name} for {done.environment} is withdrawn"
        return show_line(f"{what} waits for a second admin: placet access confirm {done.proposed_change}")
    show_line(f"The policy {done.name} for {done.environment} is withdrawn; version {done.version} was the last one that counted.")


@policies.command("examples")
def list_examples(as_json: AsJson = False) -> None:
    """Policies to begin with, which Placet ships: `placet policies example NAME` prints one."""
    about = {name: _first_line(text) for name, text in example_policies().items()}
    if as_json:
        return show_json([{"name": name, "about": said, "document": example_policies()[name]} for name, said in about.items()])
    show_names(about)
    show_table((("example", lambda one: one[0]), ("what it is", lambda one: one[1])), about.items(), "There is no example.")


@policies.command("example")
def print_example(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="For this environment instead of prod.")] = None,
) -> None:
    """The YAML of one of them, for a file of your own or for `placet apply -f -`. Its top says which people and roles it needs."""
    examples = example_policies()
    if name not in examples:
        raise typer.BadParameter(f"there is no example {name!r}; there are {', '.join(examples)}.", param_hint="NAME")
    if environment is not None and not re.fullmatch("[a-z0-9-]+", environment):
        raise typer.BadParameter("an environment's name has small letters, digits and hyphens.", param_hint="--environment")
    text = examples[name]
    print(text.replace("environment: prod\n", f"environment: {environment}\n", 1) if environment else text, end="")


def _first_line(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")
