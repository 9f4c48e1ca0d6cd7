"""Serves an application with uvicorn on a socket of our own."""

import errno
import gc
import logging
import os
import socket
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, cast, runtime_checkable

import uvicorn

from placet_shared.web.connections import Connections
from placet_shared.web.guarded_http import GuardedHttp
from placet_shared.web.limits import Limits, raise_descriptor_limit

__all__ = ["listen", "serve", "server_for", "spare_the_collector", "within_descriptors"]

BACKLOG = 2048
GRACE_SECONDS = 5
# Objects more than before that make the collector look; a request makes some hundreds, nearly all of which need no collector.
GARBAGE_THRESHOLD = 10_000

log = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises `OSError` that says which address can't be had.

    Accepted connections inherit TCP_NODELAY: without it an answer on a kept connection may wait 40 ms for the caller's
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
    """An application whose requests may wait for long: it releases them when the server begins to stop."""

    def stop_waiting(self) -> None:
        """End requests that only wait."""


class _Server(uvicorn.Server):
    """Notifies the application before it waits for running requests: the application ends only after them, and some only wait."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, release requests that only wait, let the other requests finish."""
        app: object = self.config.app
        if isinstance(app, StopsWaiting):
            app.stop_waiting()
        await super().shutdown(sockets)


def server_for(app: Any, limits: Limits | None = None, *, loop: str = "uvloop") -> uvicorn.Server:
    """A server that logs through our configuration, trusts no proxy's headers and holds callers to the limits."""
    limits = limits or Limits()
    return _Server(
        uvicorn.Config(
            app,
            loop=loop,
            http=cast(Any, partial(GuardedHttp, Connections(limits))),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=limits.idle_seconds,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def serve(app: Any, host: str, port: int, limits: Limits | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests finish; raises `OSError` when the address can't be had."""
    listener = listen(host, port)
    spare_the_collector()
    limits = within_descriptors(limits or Limits(), raise_descriptor_limit())
    with listener:
        log.info("listening", extra={"host": host, "port": listener.getsockname()[1]})
        try:
            server_for(app, limits).run(sockets=[listener])
        except KeyboardInterrupt:
            log.info("stopped by Ctrl-C")


def within_descriptors(limits: Limits, descriptors: int) -> Limits:
    """Connections without a valid token get at most half of what the process can open."""
    return replace(limits, anonymous_connections=min(limits.anonymous_connections, descriptors // 2))


def spare_the_collector() -> None:
    """Freeze what this process has loaded, so that the garbage collector skips it, and let it run less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
