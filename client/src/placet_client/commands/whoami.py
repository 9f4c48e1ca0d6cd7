"""`placet whoami`: the token's holder, and what the holder may do."""

from collections.abc import Mapping

from placet_client.commands.session import As, AsJson, installation
from placet_client.printing.page import show_facts, show_json, show_names
from placet_client.printing.times import dated
from placet_client.printing.words import listed, plain

__all__ = ["whoami"]

MAY: Mapping[str, str] = {
    "admin": "manage people, policies and plans, and all that developers and pipelines may",
    "developer": "register models and versions, request verifications and sign-offs",
    "reviewer": "sign, where a policy asks for a reviewer",
    "risk-officer": "sign, where a policy asks for a risk-officer",
    "pipeline": "ask the gate, wait, report deployments",
    "auditor": "read the audit trail",
    "service": "call the endpoints that services use among themselves",
}


def whoami(who: As = None, as_json: AsJson = False) -> None:
    """The token's holder, and what the holder may do."""
    with installation(who) as placet:
        identity = placet.approval.whoami()
    if as_json:
        return show_json(identity.raw)
    show_names([identity.name or identity.id])
    show_facts(
        [
            ("name", plain(identity.name)),
            ("called", plain(identity.display_name)),
            ("kind", plain(identity.kind).replace("_", " ")),
            ("id", plain(identity.id)),
            ("roles", listed(identity.roles)),
            *((f"  {role}", f"may {MAY.get(role, 'sign, where a policy names this role')}") for role in identity.roles),
            ("token", f"{identity.token_id}, valid until {dated(identity.expires_at) or 'it is revoked'}"),
        ]
    )
