"""Positions as clients send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_shared.errors import Malformed
from placet_shared.event_store import Position


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))
def test_position_survives_its_text(epoch: int, position: int) -> None:
    assert Position.parse(str(Position("registry", epoch, position))) == Position("registry", epoch, position)


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), st.uuids().map(str), st.none() | st.from_regex("[0-9a-f]{16}", fullmatch=True))
def test_position_that_names_its_event_survives_its_text(epoch: int, position: int, event_id: str, nonce: str | None) -> None:
    position_ = Position("registry", epoch, position, event_id, nonce)
    assert Position.parse(str(position_)) == position_


@pytest.mark.parametrize(
    "text",
    [
        "",
        "registry",
        "registry:1",
        "registry:1:x",
        "registry:1:-1",
        "1:1:1",
        f"registry:1:{2**63}",
        "registry:²:1",
        "registry:1:1:x",
        "registry:1:1:",
        f"registry:{2**31}:1",
    ],
)
def test_position_that_can_not_be_one_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Position.parse(text)
