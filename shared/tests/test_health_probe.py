"""The probe that container images carry, against real listeners."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from placet_shared.health_probe import DEFAULT_PORTS, main, not_ready
from placet_shared.processes import PORTS


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A port on which `/health/ready` answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(b"Not ready: database.")

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that is ours, and on which no server listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_probe_of_a_service_that_is_ready() -> None:
    with answering(200) as port, closed_port() as unused:
        assert main([str(port)]) == 0
        assert not_ready([unused, port]) is None


def test_probe_of_a_service_that_is_not_ready() -> None:
    with answering(503) as port:
        assert main([str(port)]) == 1
        assert not_ready([port]) == f"port {port}: 503 Not ready: database."


def test_probe_of_a_container_without_a_server() -> None:
    with closed_port() as unused:
        assert main([str(unused)]) == 1
        assert not_ready([unused]) == f"nothing answers on {unused}"


def test_probe_of_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        port = listener.getsockname()[1]
        assert "no answer" in str(not_ready([port]))


def test_probe_knows_the_ports_of_the_services() -> None:
    assert set(DEFAULT_PORTS) == set(PORTS.values())
