from pathlib import Path
from typing import Any

import pytest

from placet_client import Positions, PositionsFile, Problem
from placet_client.positions import header_of


def test_position_of_a_write_is_sent_to_every_service_from_then_on(placet: Any, service: Any, says: Any, model: Any, identity: Any) -> None:
    timeline = says(200, {"items": [], "next_cursor": None, "as_of_index": 7})
    service.next = [says(201, model, {"Placet-Position": "registry:1:7"}), says(200, identity), timeline]
    placet.registry.register_model("fraud")
    placet.approval.whoami()
    placet.audit.timeline(1)
    assert service.headers("Placet-Seen") == [None, "registry:1:7", "registry:1:7"]


def test_highest_position_of_each_source_is_kept() -> None:
    positions = Positions()
    for text in ("registry:1:7", "approval:1:3", "registry:1:6", "registry:2:1"):
        positions.learn(text, {})
    assert positions.all() == {"registry": (2, 1, ""), "approval": (1, 3, "")}


REQUESTED = {"id": "s", "state": "pending", "model_id": "m", "version_id": "v", "environment": "prod"}
ID = "0193a1f2-7c1e-7aa0-8b1c-2f6d5a3e9c12"


@pytest.mark.parametrize("text", [f"registry:1:7:{ID}:0123456789abcdef", f"registry:1:7:{ID}", "registry:1:7"])
def test_position_goes_back_as_it_came_through_a_file_too(tmp_path: Path, text: str) -> None:
    path = tmp_path / "seen.json"
    PositionsFile(path).learn(text, {})
    assert header_of(PositionsFile(path).all()) == text


def test_file_of_an_older_release_is_read(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    path.write_text('{"registry": [1, 7]}')
    assert header_of(PositionsFile(path).all()) == "registry:1:7"


@pytest.mark.parametrize(("status", "code"), [(400, "beyond_head"), (409, "lost_branch")])
def test_seen_that_is_no_more_is_forgotten_and_the_request_sent_once_more(
    placet: Any, positions: Positions, service: Any, says: Any, problem: Any, status: int, code: str
) -> None:
    positions.learn("registry:1:500", {})
    service.next = [problem(status, code), says(201, REQUESTED, {"Placet-Position": "approval:1:2"})]
    placet.approval.request_sign_off("v", "prod")
    assert service.headers("Placet-Seen") == ["registry:1:500", None]
    assert len(set(service.headers("Idempotency-Key"))) == 1
    assert positions.all() == {"approval": (1, 2, "")}


def test_refused_seen_is_forgotten_only_once(placet: Any, positions: Positions, service: Any, problem: Any) -> None:
    positions.learn("registry:1:500", {})
    service.next = [problem(409, "lost_branch"), problem(409, "lost_branch")]
    with pytest.raises(Problem):
        placet.approval.whoami()
    assert len(service.asked) == 2


def test_write_answered_with_less_than_was_seen_before_means_that_data_were_lost() -> None:
    positions = Positions()
    positions.learn("registry:1:500", {})
    positions.learn("approval:1:90", {})
    positions.learn("registry:1:3", before=positions.all())
    assert positions.all() == {"registry": (1, 3, "")}


def test_write_that_others_have_overtaken_forgets_nothing() -> None:
    positions = Positions()
    before = positions.all()
    positions.learn("registry:1:8", {})
    positions.learn("registry:1:7", before)
    assert positions.all() == {"registry": (1, 8, "")}


def test_replayed_answer_does_not_look_like_lost_data(placet: Any, positions: Positions, service: Any, says: Any, model: Any) -> None:
    positions.learn("registry:1:500", {})
    service.next = [says(201, model, {"Placet-Position": "registry:1:3", "Idempotency-Replayed": "true"})]
    placet.registry.register_model("fraud")
    assert positions.all() == {"registry": (1, 500, "")}


def test_file_is_shared_by_all_who_use_it(tmp_path: Path) -> None:
    one, other = PositionsFile(tmp_path / "state" / "seen.json"), PositionsFile(tmp_path / "state" / "seen.json")
    one.learn("registry:1:7", {})
    other.learn("approval:1:2", {})
    assert one.all() == other.all() == {"registry": (1, 7, ""), "approval": (1, 2, "")}
    assert (tmp_path / "state" / "seen.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", "{", '{"registry": 7}', '{"registry": ["x", 1]}'])
def test_file_that_can_not_be_read_counts_as_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "seen.json"
    path.write_text(text)
    positions = PositionsFile(path)
    assert positions.all() == {}
    positions.learn("registry:1:7", {})
    assert positions.all() == {"registry": (1, 7, "")}


def test_folder_that_can_not_be_made_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    positions = PositionsFile(tmp_path / "state" / "seen.json")
    positions.learn("registry:1:7", {})
    assert positions.all() == {"registry": (1, 7, "")}
