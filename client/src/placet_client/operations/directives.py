"""approval-service: what runs without a yes, and the directives about it."""

from placet_client.answers.answer import Page
from placet_client.answers.directives import Directive, ResolvedDirective, Unapproved
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages, quoted

SERVICE = "approval"


def unapproved(limit: int = 50, environment: str | None = None, model: str | None = None) -> Flow[Page[Unapproved]]:
    """Deployments without a yes in force now, by facts alone; `model` is an id or a name."""
    return pages(SERVICE, "/v1/unapproved", Page[Unapproved], limit, environment=environment, model=model)


def directives(
    limit: int = 50, state: str | None = None, environment: str | None = None, model: str | None = None
) -> Flow[Page[Directive]]:
    """The newest first; `state` is open or resolved."""
    return pages(SERVICE, "/v1/directives", Page[Directive], limit, state=state, environment=environment, model=model)


def directive(directive_id: str) -> Call[Directive]:
    """Raises `Problem` with code directive_not_found."""
    return Call(SERVICE, "GET", f"/v1/directives/{quoted(directive_id)}", Directive)


def resolve_directive(directive_id: str, how: str, reason: str | None = None) -> Call[ResolvedDirective]:
    """`how`: ended, replaced or shadowed, for pipelines, developers and admins; accepted, with a reason, for people who may sign."""
    body = {"how": how, "reason": reason}
    return Call(SERVICE, "POST", f"/v1/directives/{quoted(directive_id)}/resolve", ResolvedDirective, json=body)
