"""A document as YAML is the same document to a reader of YAML."""

import unicodedata
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from placet_client.printing.form import Form, printed_as
from placet_client.printing.page import show_json
from placet_client.printing.yaml_text import as_yaml

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12
)
# What a reader of YAML 1.1 takes for something else when it is not quoted, and what acts on a terminal.
STRINGS = [
    "", " ", "yes", "No", "on", "y", "~", "null", "Null", "true", "1", "1.5", "1e5", ".inf", "0x1f", "0o17", "12:30:45", "2026-11-28", "<<",
    "=", "- a", "a: b", "a #b", "a:", "#", "&a", "*a", "!a", "|", ">", "%", "@", "`", "'", '"', "[", "{", "a,b", "---", "...", "a ", "_",
    "_1", "a b", "\x1b[2J", "\u202e", "\x85", "\u2028", "\ufeff", "\U000e0041", "\x7f", "one\ntwo", "tab\t", "模型 🎉", "n" * 2000,
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_any_document_is_read_as_it_was(document: Any) -> None:
    assert yaml.safe_load(as_yaml(document)) == document


@pytest.mark.parametrize("text", STRINGS, ids=ascii)
def test_string_is_a_string_as_a_value_a_name_and_an_item(text: str) -> None:
    document = {text: [text, {"in": text}, [[text]]], "number": 1e-05, "large": 1e300}
    printed = as_yaml(document)
    assert yaml.safe_load(printed) == document
    assert {unicodedata.category(one) for one in printed if one != "\n"}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@pytest.mark.parametrize("text", ["y", "N", "Yes", "no", "ON", "off", "True", "false", "NULL"])
def test_word_that_some_readers_take_for_a_boolean_is_quoted(text: str) -> None:
    assert as_yaml(text) == f'"{text}"'


def test_command_that_was_told_so_prints_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    with printed_as(Form.YAML, names_only=False):
        show_json({"items": [{"name": "fraud", "id": "01"}], "next_cursor": None})
    assert capsys.readouterr().out == 'items:\n  - name: fraud\n    id: "01"\nnext_cursor: null\n'
