"""Ids and names as segments of a path: what is typed for one stays one."""

from typing import Any

import httpx
import pytest

from placet_client.operations import approval
from placet_client.operations.paths import quoted


@pytest.mark.parametrize("part", [".", "..", "a/b", "../x", "%2e%2e", "a?b#c", "é", "\\", "a b", "..."])
def test_part_is_one_segment_of_the_address_that_is_asked(part: str) -> None:
    asked = httpx.URL(f"http://approval/v1/sign-offs/{quoted(part)}/approve")
    segments = asked.raw_path.decode().split("/")
    assert (segments[:3], segments[4:]) == (["", "v1", "sign-offs"], ["approve"])


def test_id_that_leads_to_another_address_is_sent_as_an_id(placet: Any, service: Any, problem: Any) -> None:
    service.next = [problem(404, "sign_off_not_found")]
    with pytest.raises(Exception, match="sign_off_not_found"):
        placet.run(approval.act("..", "approve", {}))
    assert service.asked[0].path.endswith("/approve")
    assert service.asked[0].path.startswith("/v1/sign-offs/")
