"""`python -m placet_shared.health_probe`: asks the service of this container whether it is ready, for images that have no curl.

Ports may be named; without any, all that a service of ours has by default are tried, since a container holds one service. Exit
code 0: at least one port answered, and every service that did is ready. Only the standard library, because it runs every few seconds.
"""

import http.client
import sys
from collections.abc import Sequence

__all__ = ["main", "not_ready"]

DEFAULT_PORTS = (8401, 8402, 8403, 8404)
PATIENCE_SECONDS = 4.0
OK = 200


def main(arguments: Sequence[str]) -> int:
    """0 when ready; otherwise 1, and one line that says why."""
    reason = not_ready([int(port) for port in arguments] or DEFAULT_PORTS)
    print(reason or "ready")
    return 1 if reason else 0


def not_ready(ports: Sequence[int]) -> str | None:
    """Why the service is not ready, or None."""
    answers = {port: answer for port in ports if (answer := _answer(port))}
    refusals = [f"port {port}: {status} {text}" for port, (status, text) in answers.items() if status != OK]
    if not answers:
        return f"nothing answers on {', '.join(map(str, ports))}"
    return "; ".join(refusals) or None


def _answer(port: int) -> tuple[int, str] | None:
    """Status and beginning of the body; None when no process listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return response.status, response.read(500).decode(errors="replace")
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException) as error:
        return 0, f"no answer ({type(error).__name__})"
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
