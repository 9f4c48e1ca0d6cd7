"""Streams at every service, real processes all, whose token is revoked or whose holder is deactivated at approval-service."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from placet_shared.processes import SOURCES
from placet_shared.testing import eventually_blocking

pytestmark = pytest.mark.postgres

# Much less than a long-poll (25 s) or a stream (five minutes) lasts by itself.
AT_ONCE = 15.0


class Waiting(threading.Thread):
    """A request to a feed, read to its end."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(daemon=True)
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}
        self.status: int | None = None
        self.error = ""

    def run(self) -> None:
        try:
            with httpx.Client(trust_env=False, timeout=120) as client, client.stream("GET", self._url, headers=self._headers) as answer:
                self.status = answer.status_code
                for _ in answer.iter_bytes():
                    pass
        except httpx.TransportError as error:
            self.error = repr(error)


@contextmanager
def waiting(installation: Any, name: str, token: str) -> Iterator[dict[str, Waiting]]:
    """One caller's stream at each service and, where nothing happens that would end it, a long-poll."""
    found = {}
    for source in SOURCES:
        url = f"{getattr(installation.addresses, source)}/v1/feed"
        page = httpx.get(url, params={"limit": 1000}, headers={"Authorization": f"Bearer {token}"}, trust_env=False).json()
        last = page["events"][-1] if page["events"] else None
        after = f"{last['epoch']}:{last['position']}:{last['id']}" if last else ""
        found[f"stream of {source}"] = Waiting(f"{url}/events?after={after}", token)
        if source in ("registry", "verification"):
            found[f"long-poll of {source}"] = Waiting(f"{url}?wait=25&after={after}", token)
    for one in found.values():
        one.start()
    yield found


@pytest.mark.parametrize("ending", ["revoked", "deactivated"])
def test_requests_that_wait_at_any_service_end_when_their_token_does(fresh_installation: Any, ending: str) -> None:
    installation = fresh_installation
    with installation.client("dora") as dora:
        person = dora.approval.add_person("zoe", None, None, ["developer"])
        issued = dora.approval.issue_token("zoe")
    with waiting(installation, "zoe", issued.token) as hers, waiting(installation, "erin", installation.token("erin")) as others:
        for both in (hers, others):
            must_be_open(both)
        with installation.client("dora") as dora:
            if ending == "revoked":
                dora.approval.revoke_token(issued.token_id, None)
            else:
                dora.approval.deactivate(person.person_id)
        for name, one in hers.items():
            one.join(AT_ONCE)
            assert (name, one.is_alive(), one.error) == (name, False, "")
            assert one.status == (401 if "long-poll" in name else 200), name
        assert [name for name, one in others.items() if not one.is_alive()] == []


def must_be_open(waiting: dict[str, Waiting]) -> None:
    """A stream begins with its headers."""

    def not_open() -> list[str]:
        return [name for name, one in waiting.items() if "stream" in name and one.status is None]

    eventually_blocking(lambda: not not_open(), state=not_open)
