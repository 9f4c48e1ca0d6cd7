"""Which words may stand in events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet_registry.domain.words import environment_name, git_commit, identifier, model_name, reference_uri, sha256_digest
from placet_shared.errors import Malformed


@pytest.mark.parametrize("name", ["credit-risk", "Credit Risk", "kreditausfälle", "模型", "a", "x" * 200, "v1.2+b (old)"])
def test_model_name_that_mlflow_allows_is_taken(name: str) -> None:
    assert model_name(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a/b", "a:b", ".", "..", "x" * 201, "a\nb", "a\x00b", "a\u202eb", "a\u00a0b", "a\u200bb"]
)
def test_model_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        model_name(name)
    assert refused.value.errors[0].field == "name"
    assert "/" in refused.value.errors[0].allowed


def test_model_name_in_another_normal_form_is_the_same_name() -> None:
    assert model_name("cafe\u0301") == model_name("caf\u00e9") == "caf\u00e9"


def test_model_name_as_long_as_it_may_be_when_it_is_decomposed() -> None:
    assert model_name("\u03b1\u0313\u0300\u0345" * 200) == "\u1f82" * 200


def test_model_name_that_is_too_long_is_refused_before_it_is_normalised() -> None:
    """Normalising these marks would take minutes."""
    with pytest.raises(Malformed):
        model_name("a" + "\u0315\u0300" * 500_000)


@given(st.text(max_size=250))
def test_model_name_of_any_text_is_stable_or_refused(text: str) -> None:
    try:
        name = model_name(text)
    except Malformed:
        return
    assert model_name(name) == name
    assert 1 <= len(name) <= 200


@pytest.mark.parametrize("text", ["run-1", "team/credit.risk_2"])
def test_identifier_of_allowed_characters_is_taken(text: str) -> None:
    assert identifier("key", text) == text


@pytest.mark.parametrize("text", ["", "two words", "ä", "x" * 201, "a=b", "<script>", "a\n"])
def test_identifier_with_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        identifier("key", text)


def test_refusal_of_a_long_value_shows_its_beginning_only() -> None:
    with pytest.raises(Malformed) as refused:
        identifier("key", "é" * 5000)
    assert len(refused.value.detail) < 200


def test_digest_in_upper_case_is_lowered() -> None:
    assert sha256_digest("sha256", "A" * 64) == "a" * 64


@pytest.mark.parametrize("text", ["", "a" * 63, "a" * 65, "g" * 64, "sha256:" + "a" * 64])
def test_digest_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        sha256_digest("sha256", text)


@pytest.mark.parametrize("text", ["a" * 40, "0" * 64])
def test_commit_in_full_is_taken(text: str) -> None:
    assert git_commit("commit", text) == text


@pytest.mark.parametrize("text", ["a" * 7, "main", "a" * 41])
def test_commit_that_is_abbreviated_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        git_commit("commit", text)


@pytest.mark.parametrize("name", ["dev", "a", "eu-west-1", "x" * 63])
def test_environment_name_of_allowed_form_is_taken(name: str) -> None:
    assert environment_name("name", name) == name


@pytest.mark.parametrize("name", ["", "Prod", "-a", "a-", "a_b", "x" * 64, "a b"])
def test_environment_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        environment_name("name", name)


@pytest.mark.parametrize(
    "uri", ["s3://bucket/a/model.onnx", "https://host:8080/x?y=z#f", "models:/m-1", "file:///srv/m.onnx", "https://h/a@b"]
)
def test_reference_by_an_absolute_uri_is_taken(uri: str) -> None:
    assert reference_uri("uri", uri) == uri


@pytest.mark.parametrize("uri", ["", "model.onnx", "/srv/model.onnx", "https://h/a b", "s3:", "https://" + "x" * 2000])
def test_reference_by_anything_else_is_refused(uri: str) -> None:
    with pytest.raises(Malformed):
        reference_uri("uri", uri)


def test_reference_with_a_login_is_refused_without_repeating_it() -> None:
    with pytest.raises(Malformed) as refused:
        reference_uri("uri", "https://alice:hunter2@host/model")
    assert "hunter2" not in str(refused.value) + repr(refused.value.errors)
