"""What pipelines are told when something dies; whatever a test kills, it starts again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytestmark = pytest.mark.postgres

TEST = ("--environment", "test")
WHY = ("--rationale", "It holds on the December data.")


@contextmanager
def killed(installation: Any, service: str) -> Iterator[None]:
    installation.kill(service)
    yield
    installation.start(service)
    installation.wait_until_ready(service)


def test_waiter_survives_the_service_it_waits_at(installation: Any, alice: Any, register: Any) -> None:
    alice.approval.request_sign_off(register("survivor").id, "test", WHY[1])
    waiting = installation.start_placet("ci", "wait", "survivor/1", *TEST, "--timeout", 120)
    assert "is pending" in waiting.stderr.readline()
    with killed(installation, "approval"):
        assert "Going on" in waiting.stderr.readline()
    signed = installation.placet("bob", "signoff", "approve", "survivor/1", *TEST, *WHY)
    assert signed.returncode == 0, signed.stderr
    out, err = waiting.communicate()
    assert waiting.returncode == 0, out + err


def test_gate_that_can_not_be_reached_can_not_decide(installation: Any) -> None:
    with killed(installation, "approval"):
        answer = installation.placet("ci", "gate", "--digest", "0" * 64, *TEST)
    assert answer.returncode == 4
    assert "PLACET_APPROVAL_URL" in answer.stderr


def test_gate_whose_source_is_down_can_not_decide(installation: Any) -> None:
    with killed(installation, "registry"):
        answer = installation.placet("ci", "gate", "--digest", "0" * 64, *TEST)
    assert answer.returncode == 4
    assert "source_unreachable" in answer.stderr


def test_positions_of_data_that_were_wiped_are_forgotten(installation: Any) -> None:
    assert installation.placet("alice", "register", "wiped").returncode == 0
    (file,) = (installation.folder.path / "state" / "placet").glob("seen-*.json")
    file.write_text('{"registry": [1, 100000]}')
    answer = installation.placet("erin", "audit", "timeline")
    assert answer.returncode == 0, answer.stderr
    assert file.read_text() == "{}"
