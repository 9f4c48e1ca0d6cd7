"""Tests stay on this machine."""

import asyncio
import socket

import pytest

TEST_NET = "192.0.2.1"  # RFC 5737: never assigned


def test_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(ConnectionRefusedError, match="beyond this machine"):
        outside.connect((TEST_NET, 80))


async def test_connection_to_another_machine_is_refused_in_a_coroutine() -> None:
    with pytest.raises(ConnectionRefusedError, match="beyond this machine"):
        await asyncio.open_connection(TEST_NET, 80)


def test_connection_to_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
