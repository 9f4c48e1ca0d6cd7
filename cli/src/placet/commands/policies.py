"""`placet policies`: what each environment asks for before the gate says yes."""

import re
from typing import Annotated

import typer

from placet.commands.listing import noun
from placet.policy_examples import example_policies
from placet.printing.people import Names
from placet.printing.policy_terms import evidence_in_words, signatures_in_words, terms_in_words
from placet_client.answers.policies import Policy
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, show_facts, show_json, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["policies"]

policies = noun("Policies: list what each environment asks for, or show one; `placet apply` defines them.")


COLUMNS: tuple[Column[Policy], ...] = (
    ("environment", lambda policy: plain(policy.environment)),
    ("version", lambda policy: plain(policy.version)),
    ("mode", lambda policy: plain(policy.mode)),
    ("signatures", lambda policy: signatures_in_words(policy.content)),
    ("evidence", lambda policy: evidence_in_words(policy.content)),
    ("defined", lambda policy: ago(policy.defined_at)),
)
IN_SHORT: tuple[Column[Policy], ...] = (
    COLUMNS[0],
    *COLUMNS[2:-1],
)


@policies.command("list")
def list_policies(who: As = None, as_json: AsJson = False) -> None:
    """The policies in force."""
    with installation(who) as placet:
        found = placet.approval.policies()
    if as_json:
        return show_json([policy.raw for policy in found])
    show_names(policy.environment for policy in found)
    show_table(COLUMNS, found, "There is no policy, so the gate says no to everything.", narrow=IN_SHORT)


@policies.command("show")
def show_policy(environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT")], who: As = None, as_json: AsJson = False) -> None:
    """One environment's policy, and the versions there were."""
    with installation(who) as placet:
        found = placet.approval.policy(environment)
        if as_json:
            return show_json(found.raw)
        defined_by = Names(placet).of(found.current.defined_by)
    content = found.current.content
    show_names([found.environment])
    show_facts(
        [
            *((heading, value(found.current)) for heading, value in COLUMNS),
            ("by", defined_by),
            *terms_in_words(content),
            ("sha256", plain(found.current.sha256)),
            ("earlier", listed(version.version for version in found.versions[1:])),
        ]
    )


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
