"""Documents are read strictly, and every complaint names the line."""

import asyncio
import threading

import pytest
from pydantic import BaseModel, ConfigDict

from placet_shared.errors import Malformed
from placet_shared.strict_yaml import DEPTH_LIMIT, SIZE_LIMIT, VALUE_LIMIT, parse_document, read_aside, read_document

GOOD = """\
# a comment
environment: prod
mode: no
quorum: 2
share: 1e-3
rules:
  - role: reviewer
    fresh: true
  - role: risk-officer
    until: 2026-11-23
"""


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: str
    fresh: bool = False
    until: str | int | None = None


class Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    environment: str
    mode: str
    quorum: int
    share: float
    rules: list[Rule]


def test_document_is_plain_data_with_core_schema_scalars() -> None:
    data = parse_document(GOOD).data
    assert data["mode"] == "no"
    assert data["share"] == 0.001
    assert data["rules"][1]["until"] == "2026-11-23"
    assert data["rules"][0]["fresh"] is True


def test_line_of_a_value_and_of_a_missing_one() -> None:
    line_of = parse_document(GOOD).line_of
    assert line_of(("quorum",)) == 4
    assert line_of(("rules", 1, "role")) == 9
    assert line_of(("rules", 1, "fresh")) == 9
    assert line_of(("nothing", "here")) == 2


def test_wrong_fields_are_all_named_with_their_lines() -> None:
    with pytest.raises(Malformed) as caught:
        read_document(Policy, GOOD.replace("quorum: 2", "quorum: two").replace("role: reviewer", "rolle: reviewer"))
    fields = [error.field for error in caught.value.errors]
    assert fields == ["line 7: rules.0.rolle", "line 4: quorum", "line 7: rules.0.role"]
    assert caught.value.detail == "line 7: rules.0.rolle: unknown field `rolle`, did you mean `role`? (and 2 more)"


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("quorum: 2", "quorum: two", "line 4: quorum: a whole number"),
        ("quorum: 2", "quorm: 2", "line 4: quorm: unknown field `quorm`, did you mean `quorum`?"),
        ("quorum: 2", "quorum: 2\nowner: bob", "line 5: owner: unknown field `owner`, allowed are environment, mode, quorum, share, rules"),
        ("role: reviewer", "role: [reviewer]", "line 7: rules.0.role: text"),
        ("role: reviewer", "role: reviewer\n    until: [1, {a: b}]", "line 8: rules.0.until: text, or a whole number"),
        ("share: 1e-3", "share: [1e-3]", "line 5: share: a number"),
        ("mode: no", "mode: [no]", "line 3: mode: text"),
    ],
)
def test_wrong_field_is_told_what_is_allowed_and_no_type(right: str, wrong: str, complaint: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_document(Policy, GOOD.replace(right, wrong, 1))
    complaints = [f"{error.field}: {error.allowed}" for error in caught.value.errors]
    assert complaint in complaints
    assert not any(isinstance(error.value, list | dict) or error.value in ("list", "dict") for error in caught.value.errors)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: a: each key once; it stood in line 1"),
        ("a: &x [1]\n", "line 1: no anchors"),
        ("a: 1\nb: *x\n", "line 2: no anchors"),
        ("a: !!python/object:os.system x\n", "line 1: no explicit tags"),
        ("a: 1\n---\nb: 2\n", "line 2: one document"),
        ("a: 1\nb: [1, 2\n", "line 3: YAML"),
        ("a: 1\nb\x07: 2\n", "line 2: printable"),
        ("", "line 1: a document that is not empty"),
        ("? [a]\n: 1\n", "line 1: keys that are words"),
        ("a:\n  b: 99999999999999999999\n", "line 2: a.b: a number"),
        ("a: 1e999\n", "line 1: a: a number"),
        ("[" * (DEPTH_LIMIT + 1), "line 1: at most"),
        ("- a\n" * VALUE_LIMIT, f"line {VALUE_LIMIT}: at most {VALUE_LIMIT} keys and values"),
        ("{" + "a," * VALUE_LIMIT, f"line 1: at most {VALUE_LIMIT} keys and values"),
        ("a: " + "x" * SIZE_LIMIT, "line 1: a document of at most 64 KiB"),
    ],
)
def test_document_refused(text: str, complaint: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_document(text)
    assert caught.value.detail.startswith(complaint)
    assert caught.value.code == "document_invalid"


def test_deep_nesting_is_refused_before_anything_recurses() -> None:
    with pytest.raises(Malformed):
        parse_document("[" * 60_000)


async def test_read_aside_leaves_the_event_loop_to_others() -> None:
    """The reading ends only when the loop has done something meanwhile."""
    meanwhile = threading.Event()

    def read(text: str) -> str:
        assert meanwhile.wait(timeout=60)
        return text

    reading = asyncio.create_task(read_aside(read, b"text"))
    await asyncio.sleep(0)
    meanwhile.set()
    assert await reading == "text"


@pytest.mark.parametrize(
    ("body", "complaint"), [(b"x" * (SIZE_LIMIT + 1), "line 1: a document of at most 64 KiB"), (b"\xff", "The document is no UTF-8 text.")]
)
async def test_read_aside_refuses_before_it_reads(body: bytes, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        await read_aside(lambda text: pytest.fail("it was read"), body)
