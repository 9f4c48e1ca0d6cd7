"""`placet policies`: what each environment asks for before the gate says yes."""

from typing import Annotated

import typer

from placet.commands.listing import noun
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
