"""Ports of this machine that stay free while their server is down."""

import random
import socket

__all__ = ["free_port"]

# Below the range from which the system gives ports to clients: one of theirs could keep a killed broker from coming back.
LOWEST, HIGHEST = 14_000, 30_000
TRIES = 200


def free_port() -> int:
    """A port on which no process listens now; raises `OSError` when none is to be found."""
    for port in random.SystemRandom().sample(range(LOWEST, HIGHEST), TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"none of {TRIES} ports between {LOWEST} and {HIGHEST} is free")
