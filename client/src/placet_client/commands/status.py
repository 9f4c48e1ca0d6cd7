"""`placet status`: which services run and how far each is, whose token it is, and what waits for the holder."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import typer

from placet_client import SERVICES, Addresses, Client, ClientError, ExitCode, Readiness, Unreachable
from placet_client.answers.inbox import Inbox
from placet_client.answers.people import Identity
from placet_client.commands.session import As, AsJson, installation, known_addresses
from placet_client.commands.waiting_for_me import TO_SIGN, show_waiting
from placet_client.operations.lag import Lag
from placet_client.printing.errors import show_error
from placet_client.printing.page import Column, show_facts, show_json, show_table, show_warning
from placet_client.printing.words import listed, plain
from placet_client.retrying import RetryPolicy

__all__ = ["status"]

ONE_ATTEMPT = RetryPolicy(seconds=0.0)


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """A service as it is now; `lags` is None where its measures are not to be had."""

    readiness: Readiness
    lags: Sequence[Lag] | None

    @property
    def behind(self) -> str:
        """In words; empty where it is not known."""
        late = [f"{lag.events} {'entries' if lag.consumer == 'views' else f'of {lag.source}'}" for lag in self.lags or () if lag.events]
        return ", ".join(dict.fromkeys(late)) or ("nothing" if self.lags else "")


@dataclass(frozen=True, slots=True)
class Holder:
    """What approval-service says of the token, as far as it answers; `refusal` is why not."""

    identity: Identity | None = None
    waiting: Inbox | None = None
    refusal: ClientError | None = None


def status(who: As = None, as_json: AsJson = False) -> None:
    """Which services run, their versions, and how many events each is behind; the holder of the token, and what waits for the holder.

    What is away is said, and the rest is shown all the same: the sign-offs are approval-service's.

    Exit code: 0 all are ready and the token is accepted, 4 something is missing. 2 is a usage error.
    """
    addresses = known_addresses(who)
    with Client(addresses) as placet:
        services = [_now(placet, service) for service in SERVICES]
    holder = _holder(who)
    if as_json:
        show_json(_document(services, addresses, holder))
    else:
        show_table(_columns(addresses), services, "There is no service.")
        _show_differing(services)
        _show_holder(holder)
    if holder.refusal and not isinstance(holder.refusal, Unreachable):  # which the table shows already
        show_error(holder.refusal)
    is_whole = holder.waiting is not None and all(service.readiness.is_ready for service in services)
    raise typer.Exit(ExitCode.YES if is_whole else ExitCode.CANNOT_TELL)


def _now(placet: Client, service: str) -> ServiceNow:
    readiness = placet.ready(service)
    return ServiceNow(readiness, None if readiness.state == "unreachable" else placet.lags(service))


def _holder(who: str | None) -> Holder:
    identity = None
    try:
        with installation(who, ONE_ATTEMPT) as placet:
            identity = placet.approval.whoami()
            return Holder(identity, placet.approval.inbox(TO_SIGN))
    except ClientError as error:
        return Holder(identity, refusal=error)


def _show_differing(services: Sequence[ServiceNow]) -> None:
    versions = {service.readiness.version for service in services if service.readiness.version}
    if len(versions) > 1:
        show_warning(f"placet: the services run different versions: {', '.join(sorted(versions))}.")


def _show_holder(holder: Holder) -> None:
    if one := holder.identity:
        show_facts([("token of", f"{plain(one.name)} ({plain(one.kind).replace('_', ' ')})"), ("roles", listed(one.roles))])
    if holder.waiting:
        show_waiting(holder.waiting)


def _document(services: Sequence[ServiceNow], addresses: Addresses, holder: Holder) -> dict[str, Any]:
    waiting = holder.waiting
    return {
        "services": [
            {
                "service": one.readiness.service,
                "url": addresses.of(one.readiness.service),
                "state": one.readiness.state,
                "because": one.readiness.because,
                "version": one.readiness.version or None,
                "lags": None if one.lags is None else [asdict(lag) for lag in one.lags],
            }
            for one in services
        ],
        "identity": holder.identity.raw if holder.identity else None,
        "to_sign": [one.sign_off.raw for one in waiting.to_sign] if waiting else None,
        "requested": [one.raw for one in waiting.requested] if waiting else None,
    }


def _columns(addresses: Addresses) -> tuple[Column[ServiceNow], ...]:
    return (
        ("service", lambda service: service.readiness.service),
        ("state", lambda service: service.readiness.state.replace("_", " ")),
        ("version", lambda service: plain(service.readiness.version)),
        ("behind", lambda service: service.behind),
        ("address", lambda service: plain(addresses.of(service.readiness.service))),
        ("because", lambda service: plain(service.readiness.because)),
    )
