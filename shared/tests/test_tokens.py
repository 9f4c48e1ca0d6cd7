"""Tokens: their form, their checksum, their hash."""

import hashlib
import re

import pytest

from placet_shared.tokens import hide_tokens, is_well_formed, new_token, token_hash


def test_new_token_has_the_form_secret_scanners_look_for() -> None:
    assert re.fullmatch(r"placet_[0-9A-Za-z]{40}", new_token())


def test_new_token_is_well_formed_every_time() -> None:
    tokens = {new_token() for _ in range(500)}
    assert len(tokens) == 500
    assert all(is_well_formed(token) for token in tokens)


@pytest.mark.parametrize("position", [7, 20, 40, 41, 46])
def test_is_well_formed_with_one_character_changed(position: int) -> None:
    token = new_token()
    other = "b" if token[position] == "a" else "a"
    assert not is_well_formed(token[:position] + other + token[position + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "placet_",
        "é" * 47,
        "PLACET_" + "0" * 34 + "0iqUEf",
        "placet_" + "0" * 34 + "0iqUEf\n",
        " placet_" + "0" * 34 + "0iqUEf",
        "0" * 47,
    ],
)
def test_is_well_formed_with_another_form(text: str) -> None:
    assert not is_well_formed(text)


def test_is_well_formed_with_a_token_of_the_first_release() -> None:
    """The checksum's algorithm must never change, or tokens in use stop working."""
    assert is_well_formed("placet_" + "0" * 34 + "0iqUEf")


def test_token_hash_is_the_sha256_of_the_whole_text() -> None:
    token = new_token()
    assert token_hash(token) == hashlib.sha256(token.encode()).hexdigest()


def test_hide_tokens_with_a_whole_a_cut_and_a_doubled_token() -> None:
    token = new_token()
    text = f"a {token}, {token[:30]} and {token}{token} b, but placet_registry stays"
    assert hide_tokens(text) == "a placet_[hidden], placet_[hidden] and placet_[hidden] b, but placet_registry stays"
