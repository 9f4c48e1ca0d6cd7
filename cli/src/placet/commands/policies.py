"""`placet policies`: what each environment asks for before the gate says yes."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from placet.commands.listing import noun
from placet.printing.people import Names
from placet_client.answers.policies import Policy
from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import Column, show_facts, show_json, show_names, show_table
from placet_client.printing.times import ago
from placet_client.printing.words import listed, plain

__all__ = ["policies"]

policies = noun("Policies: list what each environment asks for, or show one; `placet apply` defines them.")

DAY = 86_400


def _signatures(policy: Policy) -> str:
    terms = policy.content["signatures"]
    return ", ".join(f"{term['count']} × {' or '.join(term['any_of'])}" for term in terms) or "none"


def _evidence(policy: Policy) -> str:
    verification = policy.content["evidence"]["verification"]
    if not verification:
        return "none"
    plan = f" by {verification['plan']}" if verification["plan"] else ""
    held_out = ", on held-out data" if verification.get("held_out") == "required" else ""
    return f"verification{plan}, at most {_days(verification['max_age_seconds'])} old{held_out}"


def _days(seconds: int) -> str:
    return f"{seconds / DAY:g} days"


COLUMNS: tuple[Column[Policy], ...] = (
    ("environment", lambda policy: plain(policy.environment)),
    ("version", lambda policy: plain(policy.version)),
    ("mode", lambda policy: plain(policy.mode)),
    ("signatures", _signatures),
    ("evidence", _evidence),
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
            ("can't sign", listed(content["separation_of_duties"]["exclude"]).replace("_", " ")),
            ("an approval is valid", _days(content["expires_after_seconds"])),
            ("rationale", plain(content["rationale"])),
            ("lineage", plain(content.get("lineage", "required"))),
            ("a gate's yes is valid", f"{content.get('decision_valid_for_seconds', 900) / 60:g} minutes"),
            ("signers must stay", "yes" if content.get("signers_must_stay") else "no"),
            ("when a yes ends", plain(content.get("when_a_yes_ends", "alert")).replace("_", " ")),
            ("break-glass", _break_glass(content.get("break_glass"))),
            ("sha256", plain(found.current.sha256)),
            ("earlier", listed(version.version for version in found.versions[1:])),
        ]
    )


def _break_glass(terms: Mapping[str, Any] | None) -> str:
    """Who may, and for how long; nothing where no person may."""
    if terms is None:
        return ""
    past_no = ", also past a no" if terms.get("overrides_rejection") else ""
    return f"{listed(terms['roles'])}, for at most {terms['for_at_most_seconds'] / 3600:g} hours{past_no}"
