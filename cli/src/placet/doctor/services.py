"""Looks at the services: whether they answer, their versions and clocks, and whether the token is accepted."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from placet.doctor.finding import Finding, State
from placet_client import SERVICES, Addresses, Client, ClientError, Readiness
from placet_client.addresses import is_this_machine
from placet_client.answers.people import Identity

__all__ = ["clocks", "examine_services", "holder", "versions"]

WITHIN = 5.0
# A `Date` header has whole seconds.
LITTLE_SKEW, MUCH_SKEW = timedelta(seconds=3), timedelta(seconds=60)
SOON = timedelta(days=7)


def examine_services(addresses: Addresses, own_version: str) -> Iterator[Finding]:
    """Each service, then what they have in common."""
    with Client(addresses) as placet:
        services = [placet.ready(service) for service in SERVICES]
    yield from (reachable(one, addresses.of(one.service)) for one in services)
    yield versions({one.service: one.version for one in services if one.version}, own_version)
    yield clocks({service: skew for service in SERVICES if (skew := _skew(addresses.of(service))) is not None})


def reachable(service: Readiness, url: str) -> Finding:
    """Ready, or why not."""
    what = f"{service.service}-service"
    if service.is_ready:
        return Finding(what, State.OK, f"ready at {url}")
    help_ = (
        "placet logs " + service.service + " --since 10m; docs/runbooks.md"
        if service.state == "not_ready"
        else "placet up, or placet login"
    )
    return Finding(what, State.FAIL, f"{service.state.replace('_', ' ')}: {service.because}", help_)


def versions(found: Mapping[str, str], own: str) -> Finding:
    """Of the services, and of this command."""
    said = ", ".join(sorted(set(found.values()))) or "not known"
    if len(set(found.values())) > 1:
        each = ", ".join(f"{service} {version}" for service, version in found.items())
        return Finding("versions", State.WARN, each, "Finish the upgrade: docs/operations.md")
    if found and own not in found.values():
        return Finding("versions", State.WARN, f"services {said}, this command {own}", "Install the client of the services' version.")
    return Finding("versions", State.OK, said) if found else Finding("versions", State.WARN, said, "No service is ready to tell it.")


def clocks(skews: Mapping[str, timedelta]) -> Finding:
    """How far the services' clocks are ahead of this machine's."""
    if not skews:
        return Finding("clocks", State.WARN, "not known", "No service answers.")
    service, worst = max(skews.items(), key=lambda one: abs(one[1]))
    said = f"{service} is {abs(worst.total_seconds()):.0f} s {'ahead of' if worst > timedelta() else 'behind'} this machine"
    if abs(worst) <= LITTLE_SKEW:
        return Finding("clocks", State.OK, f"within {LITTLE_SKEW.seconds} s of this machine's")
    state = State.FAIL if abs(worst) > MUCH_SKEW else State.WARN
    return Finding("clocks", state, said, "Let a time service (NTP) set both clocks: approvals and tokens end by the services' clocks.")


def holder(found: Identity | ClientError, now: datetime) -> Finding:
    """Of the token, and whether it ends soon."""
    if isinstance(found, ClientError):
        return Finding("token", State.FAIL, found.detail, found.resolve or "placet login")
    said = f"of {found.name}, {', '.join(found.roles) or 'without a role'}"
    if found.expires_at and found.expires_at - now < SOON:
        return Finding("token", State.WARN, f"{said}, until {found.expires_at:%Y-%m-%d %H:%M}", "placet tokens issue, then placet login")
    return Finding("token", State.OK, said)


def _skew(url: str) -> timedelta | None:
    """The service's clock without this machine's; None when it does not answer."""
    before = datetime.now(UTC)
    try:
        answer = httpx.get(f"{url}/health/live", timeout=WITHIN, trust_env=not is_this_machine(url))
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    after = datetime.now(UTC)
    return timedelta() if before - timedelta(seconds=1) <= theirs <= after else theirs - (after if theirs > after else before)
