"""Serves an application with uvicorn on a socket of our own."""

import errno
import gc
import logging
import os
import socket
from typing import Any, Protocol, runtime_checkable

import uvicorn

from placet_shared.web.plain_http import PlainHttp

__all__ = ["listen", "serve", "server_for", "spare_the_collector"]

BACKLOG = 2048
GRACE_SECONDS = 5
# Objects more than before that make the collector look; a request makes some hundreds, nearly all of which need no collector.
GARBAGE_THRESHOLD = 10_000

log = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises `OSError` that says which address can't be had.

    What is accepted inherits TCP_NODELAY: without it an answer on a kept connection may wait 40 ms for the caller's
    acknowledgement. The protocol is given by number since an event loop sets the option only where it sees it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = "another process listens there" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
        raise OSError(error.errno, f"can't listen on {host}:{port}: {reason}") from error
    return listener


@runtime_checkable
class StopsWaiting(Protocol):
    """An application whose requests may wait for long: it lets them go when the server begins to stop."""

    def stop_waiting(self) -> None:
        """End what only waits."""


class _Server(uvicorn.Server):
    """Says that it stops before it waits for the requests that run: the application ends only after them, and some of them wait."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let those go who only wait, let the others finish."""
        app: object = self.config.app
        if isinstance(app, StopsWaiting):
            app.stop_waiting()
        await super().shutdown(sockets)


def server_for(app: Any, *, loop: str = "uvloop") -> uvicorn.Server:
    """A server that logs through our configuration and trusts no proxy's headers."""
    return _Server(
        uvicorn.Config(
            app,
            loop=loop,
            http=PlainHttp,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def serve(app: Any, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests finish; raises `OSError` when the address can't be had."""
    listener = listen(host, port)
    spare_the_collector()
    with listener:
        log.info("listening", extra={"host": host, "port": listener.getsockname()[1]})
        try:
            server_for(app).run(sockets=[listener])
        except KeyboardInterrupt:
            log.info("stopped by Ctrl-C")


def spare_the_collector() -> None:
    """What this process has loaded stays, so the garbage collector need not look at it, nor at all else every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
