"""What services send, on a terminal: shown, never obeyed."""

import json
import unicodedata

import pytest

from placet_client.printing.page import show_json
from placet_client.printing.words import plain

# CSI as two and as one character, a bell, DEL, all marks of direction, a zero-width space, line separators, tags, a lone surrogate.
HOSTILE = [
    "\x1b[2J", "\x9b2J", "\a", "\x7f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
    "\u200e", "\u200f", "\u061c", "\u200b", "\u2028", "\u2029", "\x85", "\ufeff", "\U000e0041", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_json_of_hostile_text_is_the_same_document_without_a_character_that_acts(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    document = {f"name {text}": [f"before {text} after", {"deep": text}]}
    show_json(document)
    printed = capsys.readouterr().out
    assert json.loads(printed) == document
    assert {unicodedata.category(one) for one in printed if one != "\n"}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_words_of_hostile_text_have_no_character_that_acts(text: str) -> None:
    shown = plain(f"before {text} after")
    assert shown.isprintable()
    assert (shown.startswith("before "), shown.endswith(" after")) == (True, True)


def test_json_of_harmless_text_stays_readable(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"name": 'Zoë "naïve" 模型 🎉', "lines": "one\ntwo"})
    assert capsys.readouterr().out == '{\n  "name": "Zoë \\"naïve\\" 模型 🎉",\n  "lines": "one\\ntwo"\n}\n'
