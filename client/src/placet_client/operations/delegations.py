"""approval-service: delegations and absences. People are named by id or by name."""

from collections.abc import Sequence

from placet_client.answers.answer import Page
from placet_client.answers.delegations import Absence, ChangedAbsence, ChangedDelegation, Delegation
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages, quoted

SERVICE = "approval"


def delegations(limit: int = 50, *, person: str | None = None, standing: bool = False) -> Flow[Page[Delegation]]:
    """The newest first: from and to `person`; `standing` leaves out those that are over."""
    return pages(SERVICE, "/v1/delegations", Page[Delegation], limit, person=person, standing="true" if standing else None)


def delegate(
    to: str,
    ends_at: str,
    reason: str,
    *,
    starts_at: str | None = None,
    roles: Sequence[str] | None = None,
    environments: Sequence[str] = (),
    models: Sequence[str] = (),
) -> Call[ChangedDelegation]:
    """For people: `to` signs in your place, in these roles of yours (None: in all), for these environments and models (none: for all)."""
    scope = {"roles": list(roles) if roles is not None else None, "environments": list(environments), "models": list(models)}
    body = {"delegate": to, "starts_at": starts_at, "ends_at": ends_at, "reason": reason, **scope}
    return Call(SERVICE, "POST", "/v1/delegations", ChangedDelegation, json=body)


def end_delegation(delegation_id: str, reason: str | None = None) -> Call[ChangedDelegation]:
    """For its two people and for admins; signatures under it count no more while their sign-offs are open."""
    return Call(SERVICE, "POST", f"/v1/delegations/{quoted(delegation_id)}/end", ChangedDelegation, json={"reason": reason})


def absences(limit: int = 50) -> Flow[Page[Absence]]:
    """People who are absent or will be."""
    return pages(SERVICE, "/v1/absences", Page[Absence], limit)


def state_absence(person: str | None = None, starts_at: str | None = None, ends_at: str | None = None) -> Call[ChangedAbsence]:
    """Yourself, or as an admin another person; from now, until it is cleared."""
    return Call(SERVICE, "POST", "/v1/absences", ChangedAbsence, json={"person": person, "starts_at": starts_at, "ends_at": ends_at})


def clear_absence(person: str) -> Call[ChangedAbsence]:
    """The person is there again."""
    return Call(SERVICE, "POST", f"/v1/absences/{quoted(person)}/clear", ChangedAbsence, json={})
