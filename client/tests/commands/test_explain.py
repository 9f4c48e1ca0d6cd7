"""`placet explain`, where nothing but the client is installed and no service runs."""

import json
from typing import Any

import pytest

from placet_client.codes import GROUPS, codes_near, known_codes
from placet_client.commands.explain import completed


def test_code_is_explained_with_what_helps_and_the_page(placet: Any) -> None:
    ended = placet("explain", "gate.awaiting_signatures")
    assert ended.code == 0
    assert ended.out.startswith("gate.awaiting_signatures (approval-service)\n")
    assert "→" in ended.out
    assert "placet signoff show ID" in ended.out
    assert "docs/pipelines.md" in ended.out


@pytest.mark.parametrize("written", ["stale", "[stale]", "STALE", "gate.stale", "urn:placet:problem:stale"])
def test_code_is_found_in_each_form_that_it_is_shown_in(placet: Any, written: str) -> None:
    assert placet("explain", written).out.startswith("gate.stale ")


def test_code_that_several_services_give_is_explained_for_each(placet: Any) -> None:
    ended = placet("explain", "--json", "problem.version_not_found")
    assert {one["service"] for one in json.loads(ended.out)} == {"approval", "registry", "verification"}


def test_mistyped_code_is_answered_with_the_one_that_was_meant(placet: Any) -> None:
    ended = placet("explain", "awaiting_signature")
    assert (ended.code, ended.out) == (2, "")
    assert "gate.awaiting_signatures" in ended.err
    assert codes_near("gate.awaitin_signatures") == ["gate.awaiting_signatures"]


def test_without_a_code_all_are_listed_by_group(placet: Any) -> None:
    ended = placet("explain")
    lines = ended.out.splitlines()
    headings = [lines.index(f"{group}: {about}") for group, about in GROUPS.items()]
    assert headings == sorted(headings)
    assert {known.name for known in known_codes()} <= {line.split(" ")[0] for line in lines}


def test_group_lists_its_own(placet: Any) -> None:
    lines = placet("explain", "exit").out.splitlines()
    assert [line.split(" ")[0] for line in lines if line.startswith("exit.")] == [f"exit.{code}" for code in range(6)]


def test_shell_completes_codes_and_groups() -> None:
    assert completed("gate.awaiting_s") == ["gate.awaiting_signatures"]
    assert "gate" in completed("ga")
    assert completed("no-such") == []
