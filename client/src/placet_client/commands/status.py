"""`placet status`: can a pipeline work here? The services, and the holder of the token."""

from collections.abc import Sequence
from typing import Any

import typer

from placet_client import SERVICES, Addresses, Client, ClientError, ExitCode, Readiness, Unreachable
from placet_client.answers.people import Identity
from placet_client.commands.session import As, AsJson, installation, known_addresses
from placet_client.printing.errors import show_error
from placet_client.printing.page import Column, show_facts, show_json, show_table
from placet_client.printing.words import listed, plain
from placet_client.retrying import RetryPolicy

__all__ = ["status"]

ONE_ATTEMPT = RetryPolicy(seconds=0.0)


def status(who: As = None, as_json: AsJson = False) -> None:
    """Whether the services are reachable and ready, their addresses, and the holder of the token.

    Exit code: 0 all are ready and the token is accepted, 4 something is missing. 2 is a usage error.
    """
    addresses = known_addresses(who)
    with Client(addresses) as placet:
        services = [placet.ready(service) for service in SERVICES]
    identity, refusal = _identity(who)
    if as_json:
        show_json({"services": _documents(services, addresses), "identity": identity.raw if identity else None})
    else:
        show_table(_columns(addresses), services, "There is no service.")
        if identity:
            show_facts(
                [("token of", f"{plain(identity.name)} ({plain(identity.kind).replace('_', ' ')})"), ("roles", listed(identity.roles))]
            )
    if refusal and not isinstance(refusal, Unreachable):  # which the table shows already
        show_error(refusal)
    raise typer.Exit(ExitCode.YES if identity and all(service.is_ready for service in services) else ExitCode.CANNOT_TELL)


def _identity(who: str | None) -> tuple[Identity | None, ClientError | None]:
    """The token's holder, or why it is unknown."""
    try:
        with installation(who, ONE_ATTEMPT) as placet:
            return placet.approval.whoami(), None
    except ClientError as error:
        return None, error


def _documents(services: Sequence[Readiness], addresses: Addresses) -> list[dict[str, Any]]:
    return [{"service": one.service, "url": addresses.of(one.service), "state": one.state, "because": one.because} for one in services]


def _columns(addresses: Addresses) -> tuple[Column[Readiness], ...]:
    return (
        ("service", lambda service: service.service),
        ("address", lambda service: plain(addresses.of(service.service))),
        ("state", lambda service: service.state.replace("_", " ")),
        ("because", lambda service: plain(service.because)),
    )
