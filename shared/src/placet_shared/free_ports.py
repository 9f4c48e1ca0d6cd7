"""Ports of this machine that stay free until their server listens, and while it is down."""

import random
import socket

__all__ = ["bound", "free_port"]

# Below the range from which the system gives ports to clients and to servers that ask for any: one of theirs could take a
# port between the choice and the start of its server, or keep a killed server from coming back.
LOWEST, HIGHEST = 14_000, 30_000
TRIES = 200


def free_port(host: str = "127.0.0.1") -> int:
    """A port of `host` on which no process listens now; raises `OSError` when none is to be found."""
    for port in random.SystemRandom().sample(range(LOWEST, HIGHEST), TRIES):
        try:
            bound(host, port).close()
        except OSError:
            continue
        return port
    raise OSError(f"none of {TRIES} ports between {LOWEST} and {HIGHEST} is free on {host}")


def bound(host: str, port: int) -> socket.socket:
    """A socket bound as a server binds: a port whose last connections still linger is free; raises `OSError`."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken
