"""Envelopes and statements are read strictly: one text has one meaning, and nothing large is gone into."""

import base64
import json
from typing import Any

import pytest

from placet_shared.errors import Malformed
from placet_verification.checks.trusted_keys import fingerprint, key_text, public_key, signed_by
from placet_verification.domain.envelopes import read_envelope
from placet_verification.domain.statements import read_statement, read_suite_result
from placet_verification.domain.strict_json import read_json

from .. import builders, signing

GOOD = signing.statement(builders.SHA)


def refused(raw: bytes) -> str:
    """The field that is named."""
    with pytest.raises(Malformed) as caught:
        read_statement(read_envelope(raw))
    [error] = caught.value.errors
    assert caught.value.code == "attestation_malformed"
    return error.field


def with_members(**members: Any) -> bytes:
    return json.dumps({**json.loads(signing.envelope(GOOD)), **members}).encode()


def test_message_is_the_one_of_the_specification() -> None:
    written = {"payload": "aGVsbG8gd29ybGQ=", "payloadType": "http://example.com/HelloWorld", "signatures": [{"sig": "AA=="}]}
    assert read_envelope(json.dumps(written).encode()).message == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_those_of_bytes() -> None:
    written = {"payload": base64.b64encode("ü".encode()).decode(), "payloadType": "ä", "signatures": [{"sig": "AA=="}]}
    assert read_envelope(json.dumps(written).encode()).message == b"DSSEv1 2 \xc3\xa4 2 \xc3\xbc"


def test_signature_of_the_specification_is_by_its_key_and_by_no_other() -> None:
    """Appended to the encoding of its curve point; r and s side by side."""
    x = 46950820868899156662930047687818585632848591499744589407958293238635476079160
    y = 5640078356564379163099075877009565129882514886557779369047442380624545832820
    prefix = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
    key = public_key(base64.b64encode(prefix + x.to_bytes(32, "big") + y.to_bytes(32, "big")).decode())
    said = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    sig = base64.b64decode("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==")
    assert signed_by(key, sig, said)
    assert not signed_by(key, sig, said + b" ")
    assert not signed_by(signing.RED_TEAM.public_key(), sig, said)
    for broken in (b"", bytes(64), sig[:-1], sig + b"\0", bytes(72), b"\xff" * 64):
        assert not signed_by(key, broken, said)
        assert not signed_by(signing.CI.public_key(), broken, said)


def test_statement_is_read_from_the_bytes_that_were_signed() -> None:
    found = read_statement(read_envelope(signing.envelope(GOOD)))
    assert (found.predicate_type, found.artifacts) == (signing.TEST_RESULT, (builders.SHA,))


@pytest.mark.parametrize("url_safe", [False, True])
def test_both_alphabets_of_base64_are_read(url_safe: bool) -> None:
    raw = json.dumps({**GOOD, "note": "~~~???"}).encode()
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(raw).decode()
    assert read_envelope(with_members(payload=text)).payload == raw


@pytest.mark.parametrize(
    "payload", ["", "e30", "e30==", "e31=", "e30=\n", " e30=", "e 30=", "Pz8_Pz8+", "é30=", "e30=e30=", None, 7, ["e30="], {"a": 1}]
)
def test_other_texts_for_the_same_bytes_are_refused(payload: Any) -> None:
    assert refused(with_members(payload=payload)) == "payload"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "envelope"),
        (b"[]", "envelope"),
        (b"null", "envelope"),
        (b"\xff\xfe{}", "envelope"),
        ("﻿{}".encode(), "envelope"),
        (b'{"payload": "e30=", "payload": "e30="}', "envelope"),
        (b"[" * 100_000, "envelope"),
        (b'{"a":' * 50_000, "envelope"),
        (b" " * (256 * 1024 + 1), "envelope"),
        (with_members(payloadType=None), "payloadType"),
        (with_members(payloadType="application/json"), "payloadType"),
        (with_members(payloadType="application/vnd.in-toto+json "), "payloadType"),
        (with_members(payloadType="APPLICATION/vnd.in-toto+json"), "payloadType"),
        (with_members(signatures=[]), "signatures"),
        (with_members(signatures={}), "signatures"),
        (with_members(signatures=[{"sig": "AA=="}] * 9), "signatures"),
        (with_members(signatures=["AA=="]), "signatures.0"),
        (with_members(signatures=[{"sig": "AA=="}, {"keyid": "ci"}]), "signatures.1.sig"),
        (with_members(signatures=[{"sig": "AA"}]), "signatures.0.sig"),
    ],
)
def test_malformed_envelope_is_refused_by_its_field(raw: bytes, field: str) -> None:
    assert refused(raw) == field


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (b"no JSON", "payload"),
        (b"[]", "payload._type"),
        (b'{"_type": "x", "_type": "https://in-toto.io/Statement/v1"}', "payload"),
        (b'{"a": NaN}', "payload"),
        (b'{"a": 1e999}', "payload"),
        (b'{"a": "\\ud800"}', "payload"),
        (b'{"a": ' + b"9" * 5000 + b"}", "payload"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "payload"),
        ({**GOOD, "_type": "https://in-toto.io/Statement/v0.1"}, "payload._type"),
        ({**GOOD, "predicateType": "test-result"}, "payload.predicateType"),
        ({**GOOD, "predicateType": "https://example.org/" + "x" * 200}, "payload.predicateType"),
        ({**GOOD, "predicateType": "https://example.org/\0"}, "payload.predicateType"),
        ({**GOOD, "predicate": []}, "payload.predicate"),
        ({**GOOD, "subject": []}, "payload.subject"),
        ({**GOOD, "subject": {}}, "payload.subject"),
        ({**GOOD, "subject": [{"digest": {"sha256": builders.SHA}}] * 17}, "payload.subject"),
        ({**GOOD, "subject": [{"name": builders.SHA}]}, "payload.subject.0.digest"),
        ({**GOOD, "subject": [{"digest": {"gitCommit": "ab" * 20}}]}, "payload.subject"),
        ({**GOOD, "subject": [{"digest": {"sha256": builders.SHA.upper()}}]}, "payload.subject.0.digest.sha256"),
        ({**GOOD, "subject": [{"digest": {"sha256": [builders.SHA]}}]}, "payload.subject.0.digest.sha256"),
    ],
)
def test_malformed_statement_is_refused_by_its_field(said: Any, field: str) -> None:
    assert refused(signing.envelope(said)) == field


def test_members_that_nobody_knows_are_passed_over() -> None:
    said = {**GOOD, "note": "x", "subject": [{"name": "a", "uri": "b", "digest": {"gitCommit": "c", "sha256": builders.SHA}}]}
    assert read_statement(read_envelope(signing.envelope(said))).artifacts == (builders.SHA,)


@pytest.mark.parametrize(
    ("predicate", "field"),
    [
        ({}, "result"),
        ({"result": "passed", "configuration": []}, "result"),
        ({"result": ["PASSED"], "configuration": []}, "result"),
        ({"result": "PASSED"}, "configuration"),
        ({"result": "PASSED", "configuration": {}}, "configuration"),
        ({"result": "PASSED", "configuration": [], "passedTests": "all"}, "passedTests"),
        ({"result": "PASSED", "configuration": [], "warnedTests": [1]}, "warnedTests"),
        ({"result": "PASSED", "configuration": [], "failedTests": {"a": 1}}, "failedTests"),
        ({"result": "PASSED", "configuration": [], "failedTests": None}, "failedTests"),
    ],
)
def test_malformed_result_is_refused_by_its_field(predicate: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_suite_result(predicate)
    assert caught.value.errors[0].field == f"payload.predicate.{field}"


@pytest.mark.parametrize(
    ("said", "lists", "result"),
    [
        ("PASSED", {}, "PASSED"),
        ("PASSED", {"warnedTests": ["a"]}, "WARNED"),
        ("PASSED", {"failedTests": ["a"]}, "FAILED"),
        ("WARNED", {"failedTests": ["a"]}, "FAILED"),
        ("FAILED", {"passedTests": ["a"]}, "FAILED"),
        ("FAILED", {"warnedTests": ["a"]}, "FAILED"),
    ],
)
def test_result_that_is_better_than_its_lists_does_not_count(said: str, lists: dict[str, list[str]], result: str) -> None:
    assert read_suite_result({"result": said, "configuration": [], **lists}).result == result


def test_json_within_the_limits_is_what_the_standard_library_reads() -> None:
    text = '{"a": ["[[[", "\\"", "\\\\", {"b": [1, -2.5e3, true, null]}], "ü": "\\u00fc\\ud83d\\ude00"}'
    assert read_json(text.encode(), 4) == json.loads(text)
    with pytest.raises(ValueError, match="at most 3 levels"):
        read_json(text.encode(), 3)


@pytest.mark.parametrize("raw", [b'"\\' * 100_000, b'"' + b'\\"' * 100_000, b"]" * 100_000, b'"a' * 100_000])
def test_texts_without_an_end_are_gone_through_once(raw: bytes) -> None:
    with pytest.raises(ValueError):
        read_json(raw, 4)


@pytest.mark.parametrize("key", [signing.CI, signing.RED_TEAM])
def test_key_has_one_form_however_it_is_written(key: signing.PrivateKey) -> None:
    text = signing.public(key)
    forms = [signing.pem(key), text, f"{text[:20]}\n{text[20:]}", f"\n{signing.pem(key)}\n"]
    if key is signing.CI:
        forms.append(base64.b64encode(signing.CI.public_key().public_bytes_raw()).decode())
    assert {key_text(public_key(form)) for form in forms} == {text}
    assert {fingerprint(public_key(form)) for form in forms} == {fingerprint(key.public_key())}
