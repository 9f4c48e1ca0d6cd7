from typing import Any

import pytest

from placet_client import Addresses, Client, Problem, RetryPolicy, Unintelligible, Unreachable


def test_write_that_meets_503_is_sent_again_with_the_same_key(placet: Any, service: Any, says: Any, problem: Any) -> None:
    service.next = [problem(503, "unavailable"), says(201, {"id": "1", "name": "fraud"})]
    assert placet.registry.register_model("fraud").id == "1"
    first, second = service.headers("Idempotency-Key")
    assert first == second is not None
    assert service.asked[0].body == service.asked[1].body


def test_write_whose_connection_is_lost_is_sent_again_with_the_same_key(placet: Any, service: Any, says: Any) -> None:
    service.next = [says(None), says(None), says(201, {"id": "1", "name": "fraud"})]
    placet.registry.register_model("fraud")
    assert len(set(service.headers("Idempotency-Key"))) == 1


def test_two_writes_have_two_keys_and_one_correlation(placet: Any, service: Any, says: Any) -> None:
    service.next = [says(201, {"id": "1", "name": "fraud"}), says(201, {"id": "2", "name": "credit"})]
    placet.registry.register_model("fraud")
    placet.registry.register_model("credit")
    assert len(set(service.headers("Idempotency-Key"))) == 2
    assert len(set(service.headers("Placet-Correlation"))) == 1


def test_read_carries_token_but_no_idempotency_key(placet: Any, service: Any, says: Any) -> None:
    service.next = [says(200, {"items": []})]
    placet.registry.environments()
    assert service.headers("Idempotency-Key") == [None]
    assert str(service.headers("Authorization")[0]).startswith("Bearer placet_")


def test_refusal_is_not_sent_again_and_keeps_what_it_says(placet: Any, service: Any, problem: Any) -> None:
    wrong = {"field": "name", "value": "a/b", "allowed": "no slash"}
    service.next = [problem(422, "malformed", resolve="Take another name.", errors=[wrong])]
    with pytest.raises(Problem) as caught:
        placet.registry.register_model("a/b")
    assert (caught.value.status, caught.value.code, caught.value.resolve) == (422, "malformed", "Take another name.")
    assert [(one.field, one.value, one.allowed) for one in caught.value.errors] == [("name", "a/b", "no slash")]


def test_service_that_stays_unavailable_ends_as_its_problem(service: Any, problem: Any) -> None:
    service.by_path["/v1/environments"] = lambda _: problem(503, "unavailable")
    with Client(Addresses(*[service.url] * 4), "t", retries=RetryPolicy(0.1, 0.01)) as placet, pytest.raises(Problem) as caught:
        placet.registry.environments()
    assert caught.value.status == 503
    assert len(service.asked) > 1


def test_service_that_is_not_there_is_unreachable_and_its_variable_named() -> None:
    unused = "http://127.0.0.1:9"
    with Client(Addresses(*[unused] * 4), "t", retries=RetryPolicy(0.05, 0.01)) as placet, pytest.raises(Unreachable) as caught:
        placet.approval.whoami()
    assert "PLACET_APPROVAL_URL" in str(caught.value.resolve)


def test_answer_of_something_else_is_unintelligible(placet: Any, service: Any, says: Any) -> None:
    service.next = [says(404, "<html>"), says(200, None)]
    with pytest.raises(Unintelligible):
        placet.approval.whoami()
    with pytest.raises(Unintelligible):
        placet.approval.whoami()


def test_service_behind_a_proxy_that_does_not_find_it_is_unreachable(placet: Any, service: Any, says: Any) -> None:
    service.next = [says(502, "<html>")]
    with pytest.raises(Unreachable, match="HTTP 502"):
        placet.approval.whoami()


def test_upload_that_is_interrupted_sends_the_whole_file_again(placet: Any, service: Any, says: Any, problem: Any, tmp_path: Any) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"x" * 200_000)
    service.next = [problem(404, "blob_not_found"), problem(503, "unavailable"), says(201, {})]
    placet.registry.upload(file)
    assert [asked.method for asked in service.asked] == ["HEAD", "PUT", "PUT"]
    assert service.asked[2].body == file.read_bytes()


def test_pages_are_put_together_up_to_the_limit(placet: Any, service: Any, says: Any, model: Any) -> None:
    first, second, third = ({**model, "id": id_} for id_ in "123")
    service.next = [says(200, {"items": [first, second], "next_cursor": "c"}), says(200, {"items": [third], "next_cursor": "d"})]
    page = placet.registry.models(3)
    assert ([model.id for model in page.items], page.next_cursor) == (["1", "2", "3"], "d")
    assert page.raw == {"items": [first, second, third], "next_cursor": "d"}
    assert [asked.query.get("cursor") for asked in service.asked] == [None, ["c"]]
    assert [asked.query["limit"] for asked in service.asked] == [["3"], ["1"]]
