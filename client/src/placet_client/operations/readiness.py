"""Whether a service is reachable and ready; needs no token."""

from dataclasses import dataclass

from placet_client.answers.answer import Answer, Document
from placet_client.calls import Call, Flow
from placet_client.problems import ClientError, Problem
from placet_client.retrying import RetryPolicy

__all__ = ["Readiness", "ready"]

AT_ONCE = RetryPolicy(seconds=0.0)
WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`state` is ready, not_ready or unreachable; `because` is for people, empty when it is ready. `version` is told by what is ready."""

    service: str
    state: str
    because: str = ""
    version: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether it is ready."""
        return self.state == "ready"


def ready(service: str) -> Flow[Readiness]:
    """Its state now; asked once."""
    try:
        answer: Answer = yield from Call(service, "GET", "/health/ready", Answer, within=WITHIN, retries=AT_ONCE)
    except Problem as problem:
        missing = problem.facts.get("missing")
        because = " ".join(map(str, missing.values())) if isinstance(missing, dict) and missing else problem.detail
        return Readiness(service, "not_ready", because)
    except ClientError as error:
        return Readiness(service, "unreachable", error.detail)
    said: Document = answer.raw
    return Readiness(service, "ready", version=str(said.get("version", "")))
