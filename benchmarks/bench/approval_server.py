"""approval-service served as in production, and beside it one bare indexed SELECT and one bare commit through the same stack.

Run as a module it prints the port.
"""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response

from bench.many_files import allow_many_files
from bench.profiles import profiling
from placet_approval.app import approval_app
from placet_approval.settings import ApprovalSettings
from placet_shared.bus.feed_client import FeedClient
from placet_shared.bus.ports import Source
from placet_shared.identifiers import new_id
from placet_shared.service.identity import CurrentActor
from placet_shared.web.server import listen, server_for, spare_the_collector

__all__ = ["BARE_COMMIT", "BARE_SELECT", "Approving"]

BARE_SELECT = "/v1/bare"
BARE_COMMIT = "/v1/bare"
SELECT = "select sign_off_id, state, artifact_sha256, version_id, model_id, environment from sign_offs where sign_off_id = $1"
INSERT = "insert into bare_commits (id) values ($1)"

bare = APIRouter()


@bare.get(BARE_SELECT + "/{sign_off_id}")
async def select_one(request: Request, actor: CurrentActor, sign_off_id: str) -> Response:
    """One row by its key."""
    row = await request.app.state.service.pool.fetchrow(SELECT, sign_off_id)
    return Response(orjson.dumps(dict(row)), media_type="application/json")


@bare.post(BARE_COMMIT)
async def commit_one(request: Request, actor: CurrentActor) -> Response:
    """Inserts one row."""
    await request.body()
    await request.app.state.service.pool.execute(INSERT, new_id())
    return Response(b"{}", 201, media_type="application/json")


@bare.get("/v1/waiters")
async def count_waiters(request: Request) -> dict[str, int]:
    """The number of waiters that have read the state and wait, the number of wake-ups, and the reads of the table for them."""
    waiters = request.app.state.service.waiting.waiters
    return {"waiters": waiters.asleep, "wake_ups": waiters.wake_ups, "reads": waiters.rereads}


@dataclass(frozen=True, slots=True)
class Approving:
    """JSON in the only argument; `sources` are the addresses of the sources that it follows."""

    database_url: str
    folder: str
    sources: dict[str, str]
    token: str


def main() -> None:
    """Serve until SIGTERM."""
    approving = Approving(**json.loads(sys.argv[1]))

    @asynccontextmanager
    async def sources(settings: ApprovalSettings) -> AsyncIterator[Sequence[Source]]:
        clients = [FeedClient(name, url, lambda: approving.token) for name, url in approving.sources.items()]
        try:
            yield clients
        finally:
            for client in clients:
                await client.aclose()

    settings = ApprovalSettings.load(database_url=approving.database_url, data_dir=Path(approving.folder))
    app = approval_app(settings, sources)
    app.include_router(bare)
    app.include_router(profiling)
    allow_many_files()
    with listen("127.0.0.1", 0) as listener:
        print(json.dumps([listener.getsockname()[1]]), flush=True)
        spare_the_collector()
        server_for(app).run(sockets=[listener])


if __name__ == "__main__":
    main()
