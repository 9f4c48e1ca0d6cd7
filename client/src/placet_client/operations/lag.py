"""How far a service is behind the events of the others, by its own measures; needs no token."""

import re
from dataclasses import dataclass

from placet_client.calls import Call, Flow
from placet_client.problems import ClientError
from placet_client.retrying import RetryPolicy

__all__ = ["Lag", "lags"]

AT_ONCE = RetryPolicy(seconds=0.0)
WITHIN = 5.0
LABELS = re.compile(r'(\w+)="([^"\\]*)"')
MEASURE = re.compile(r"^(?:placet_bus_lag|placet_audit_views_lag)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lag:
    """Events that have not had their effect in a consumer; the consumer `views` shows the audit log itself."""

    consumer: str
    source: str
    events: int


def lags(service: str) -> Flow[tuple[Lag, ...] | None]:
    """Of each consumer of the service, None where its measures are not to be had; asked once."""
    try:
        text = yield from Call(service, "GET", "/metrics", bytes, within=WITHIN, retries=AT_ONCE)
    except ClientError:
        return None
    return tuple(_lag(labels, value) for labels, value in MEASURE.findall(text.decode(errors="replace")))


def _lag(labels: str, value: str) -> Lag:
    named = dict(LABELS.findall(labels))
    return Lag(named.get("consumer", "views"), named.get("source", "audit"), round(float(value)))
