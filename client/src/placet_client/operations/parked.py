"""Events that a service could not apply: the same at each of the four.

A parked event is named by the service, the consumer that parked it and its position in its source.
"""

from placet_client.answers.answer import Page
from placet_client.answers.parked import Parked, ParkedSummary, ResolvedEvent
from placet_client.calls import Call, Flow
from placet_client.operations.paths import pages, quoted


def parked_events(service: str, limit: int = 50) -> Flow[Page[ParkedSummary]]:
    """For auditors and admins."""
    return pages(service, "/v1/parked", Page[ParkedSummary], limit)


def parked_event(service: str, consumer: str, position: int) -> Call[Parked]:
    """With the event itself; raises `Problem` with code parked_event_not_found."""
    return Call(service, "GET", _path(consumer, position), Parked)


def retry(service: str, consumer: str, position: int) -> Call[ResolvedEvent]:
    """For admins."""
    return Call(service, "POST", f"{_path(consumer, position)}/retry", ResolvedEvent, json={})


def go_on_without(service: str, consumer: str, position: int, reason: str) -> Call[ResolvedEvent]:
    """For admins who are people; the event will never be applied there."""
    return Call(service, "POST", f"{_path(consumer, position)}/skip", ResolvedEvent, json={"reason": reason})


def _path(consumer: str, position: int) -> str:
    return f"/v1/parked/{quoted(consumer)}/{position}"
