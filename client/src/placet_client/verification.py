"""verification-service: plans, runs and their results."""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from placet_client.connection import ANSWER_WITHIN, Connection, Json

__all__ = ["UNFINISHED", "VerificationClient"]

LONG_POLL = 25.0
UNFINISHED = frozenset({"queued", "running"})


class VerificationClient:
    """An environment has one plan; a run tries one version by it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def publish_plan(self, document: str, *, dry_run: bool = False) -> tuple[bool, Json]:
        """Whether it is new, and the plan; a `dry_run` only checks the document."""
        answer = self._connection.request(
            "POST",
            "/v1/plans",
            query={"dry_run": "true"} if dry_run else None,
            content=lambda: document.encode(),
            media_type="application/yaml",
        )
        return answer.status_code == httpx.codes.CREATED, answer.json()

    def plans(self) -> Sequence[Json]:
        """The one that counts for each environment that has one."""
        plans: Sequence[Json] = self._connection.get("/v1/plans")["items"]
        return plans

    def plan(self, environment: str) -> Json:
        """The one that counts for an environment, in its full form."""
        plan: Json = self._connection.get(f"/v1/plans/{quote(environment, safe='')}/current")
        return plan

    def request_run(self, version_id: str, environment: str, dataset_sha256: str | None = None) -> Json:
        """Id of a new run."""
        body = {"version_id": version_id, "environment": environment, "dataset_sha256": dataset_sha256}
        return self._connection.post("/v1/runs", {name: value for name, value in body.items() if value is not None})

    def runs(self, limit: int, **search: Any) -> Json:
        """The newest first; `search` may have model_id, version_id, environment, status."""
        return self._connection.pages("/v1/runs", limit, **search)

    def run(self, run_id: str) -> Json:
        """A run; its status is queued, running, passed, failed or errored."""
        run: Json = self._connection.get(f"/v1/runs/{quote(run_id, safe='')}")
        return run

    def wait_for_run(self, run_id: str, seconds: float) -> Json:
        """The run when it has ended, or as it is after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            rest = round(max(0.0, min(LONG_POLL, until - time.monotonic())), 3)
            run: Json = self._connection.get(f"/v1/runs/{quote(run_id, safe='')}/wait", within=rest + ANSWER_WITHIN, timeout=rest)
            if run["status"] not in UNFINISHED or time.monotonic() >= until:
                return run
