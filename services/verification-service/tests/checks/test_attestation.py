"""Judging what keys of the plan have signed about an artifact: whose word counts, which statement decides, and how it is attacked."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from placet_shared.errors import Malformed
from placet_verification.checks import Record, conclude
from placet_verification.domain.result import Evaluation

from .. import builders, signing
from ..signing import CI, RED_TEAM, STRANGER, envelope, statement, trusting

REQUESTED = datetime(2026, 11, 27, 12, tzinfo=UTC)
ARTIFACT = builders.SHA
OTHER = "cd" * 32


def judged(check: dict[str, Any], *envelopes: bytes | tuple[bytes, float]) -> Sequence[Record]:
    """The records, when these were recorded one after the other, or so many days before the request."""
    recorded = []
    for place, one in enumerate(envelopes):
        raw, days = one if isinstance(one, tuple) else (one, (len(envelopes) - place) / 100)
        at = REQUESTED - timedelta(days=days)
        recorded.append({"sha256": builders.sha256(raw), "recorded_at": at.isoformat(), "envelope": raw.decode()})
    facts: Any = {"attestations": {"artifact_sha256": ARTIFACT, "requested_at": REQUESTED.isoformat(), "recorded": recorded}}
    document = builders.plan_without_data(check)
    [judgement] = conclude(document, {"plan_sha256": builders.SHA}, Evaluation({}, {}, {}), facts).judgements
    return judgement.records


def verdict(check: dict[str, Any], *envelopes: bytes | tuple[bytes, float]) -> tuple[str, str | None]:
    whole = judged(check, *envelopes)[0]
    return whole.status, whole.reason_code


PASSED, WARNED, FAILED = (envelope(statement(ARTIFACT, result)) for result in ("PASSED", "WARNED", "FAILED"))
AGAIN = envelope(statement(ARTIFACT, "PASSED", url="https://ci.example.org/2"))


def test_result_that_a_trusted_key_signed_is_the_verdict() -> None:
    assert verdict(trusting(CI), PASSED) == ("PASS", None)
    assert verdict(trusting(CI), WARNED) == ("WARN", "tests_warned")
    assert verdict(trusting(CI), FAILED) == ("FAIL", "tests_failed")
    assert verdict(trusting(RED_TEAM), envelope(statement(ARTIFACT), RED_TEAM)) == ("PASS", None)


def test_without_an_attestation_the_check_fails() -> None:
    assert verdict(trusting(CI)) == ("FAIL", "attestation_missing")


def altered(raw: bytes, **members: Any) -> bytes:
    return json.dumps({**json.loads(raw), **members}).encode()


def swapped_payload() -> bytes:
    """A good statement under signatures over another one."""
    return altered(PASSED, payload=json.loads(AGAIN)["payload"])


@pytest.mark.parametrize(
    "attack",
    [
        envelope(statement(ARTIFACT), STRANGER),
        envelope(statement(ARTIFACT), STRANGER, keyid="key-0"),
        envelope(statement(OTHER)),
        envelope({**statement(OTHER), "subject": [{"name": ARTIFACT, "digest": {"sha256": OTHER, "sha512": ARTIFACT}}]}),
        envelope({**statement(ARTIFACT), "predicateType": "https://example.org/opinion/v1"}),
        swapped_payload(),
        altered(PASSED, signatures=[{"sig": signing.encoded(bytes(64))}]),
        altered(PASSED, signatures=[{"sig": signing.encoded(CI.sign(base64.b64decode(json.loads(PASSED)["payload"])))}]),
        altered(PASSED, payloadType="application/vnd.in-toto+json;v=1"),
        envelope(json.dumps(statement(ARTIFACT)).encode(), payload_type="text/plain"),
        envelope(b"signed, and no statement"),
    ],
    ids=[
        "a key of no plan", "a key of no plan under a trusted keyid", "other bytes", "the digest as a name", "another predicate type",
        "another payload", "no signature", "the payload alone signed", "another payload type", "signed as another type", "no statement",
    ],
)  # fmt: skip
def test_what_no_trusted_key_said_of_these_bytes_is_no_evidence(attack: bytes) -> None:
    assert verdict(trusting(CI, RED_TEAM), attack) == ("FAIL", "attestation_missing")
    assert verdict(trusting(CI), PASSED, attack) == ("PASS", None), "and it does no harm either"


def test_keyid_is_not_looked_at() -> None:
    assert verdict(trusting(CI), envelope(statement(ARTIFACT), CI, keyid="another key")) == ("PASS", None)
    assert verdict(trusting(CI), altered(PASSED, signatures=[{"sig": json.loads(PASSED)["signatures"][0]["sig"]}])) == ("PASS", None)


def test_a_failure_stands_whatever_is_recorded_before_and_after_it() -> None:
    for order in ([PASSED, FAILED], [FAILED, PASSED], [PASSED, FAILED, AGAIN]):
        assert verdict(trusting(CI), *order) == ("FAIL", "tests_failed")
    assert verdict(trusting(CI, RED_TEAM), PASSED, envelope(statement(ARTIFACT, "FAILED"), RED_TEAM)) == ("FAIL", "tests_failed")
    assert verdict(trusting(CI), WARNED, PASSED) == ("WARN", "tests_warned")


def test_newest_decides_where_the_plan_says_so() -> None:
    check = trusting(CI, decides="newest")
    assert verdict(check, PASSED, FAILED) == ("FAIL", "tests_failed")
    assert verdict(check, FAILED, PASSED) == ("PASS", None)
    assert verdict(check, FAILED, PASSED, WARNED) == ("WARN", "tests_warned")


@pytest.mark.parametrize("order", [[PASSED, FAILED, WARNED], [FAILED, WARNED, PASSED]])
def test_of_several_at_the_same_time_the_worst_decides(order: list[bytes]) -> None:
    assert verdict(trusting(CI, decides="newest"), *((one, 1.0) for one in order)) == ("FAIL", "tests_failed")


def rewritten(raw: bytes) -> bytes:
    """The same statement in other bytes: another order, white space, alphabet of base64, keyid, and a second signature."""
    found = json.loads(raw)
    payload = found["payload"].replace("+", "-").replace("/", "_")
    signatures = [{"sig": signing.encoded(bytes(64)), "keyid": "x"}, {"keyid": "y", "sig": found["signatures"][0]["sig"]}]
    return json.dumps({"signatures": signatures, "payload": payload, "payloadType": found["payloadType"]}, indent=3).encode()


def test_old_result_in_a_new_envelope_stays_old() -> None:
    check = trusting(CI, RED_TEAM, decides="newest", max_age_days=30)
    payload = base64.b64decode(json.loads(PASSED)["payload"])
    replays = [PASSED, rewritten(PASSED), envelope(payload, CI, RED_TEAM), envelope(payload, RED_TEAM)]
    assert len({builders.sha256(raw) for raw in replays}) == 4
    for replay in replays:
        assert verdict(check, PASSED, FAILED, replay) == ("FAIL", "tests_failed")
        assert verdict(check, (PASSED, 31.0), (replay, 0.1)) == ("FAIL", "attestation_too_old")


def test_a_failure_is_not_made_older_by_uploading_it_before_it_was_signed() -> None:
    """The insider sees the failure coming, uploads its words first, then an old success, so that the failure would seem older."""
    check = trusting(CI, decides="newest")
    unsigned = altered(FAILED, signatures=[{"sig": signing.encoded(bytes(64))}])
    assert verdict(check, unsigned, PASSED, FAILED) == ("FAIL", "tests_failed")


def test_old_good_result_does_not_count_and_old_failure_does() -> None:
    for decides in ("worst", "newest"):
        check = trusting(CI, decides=decides, max_age_days=30)
        assert verdict(check, (PASSED, 29.9)) == ("PASS", None)
        assert verdict(check, (PASSED, 30.1)) == ("FAIL", "attestation_too_old")
        assert verdict(check, (PASSED, 30.1), (AGAIN, 1.0)) == ("PASS", None)
        assert verdict(check, (FAILED, 400.0)) == ("FAIL", "tests_failed")
    assert verdict(trusting(CI, max_age_days=30), (FAILED, 400.0), (PASSED, 1.0)) == ("FAIL", "tests_failed")


def test_as_many_different_keys_must_have_signed_the_same_statement() -> None:
    check = trusting(CI, RED_TEAM, threshold=2)
    both, payload = envelope(statement(ARTIFACT), CI, RED_TEAM), base64.b64decode(json.loads(PASSED)["payload"])
    assert verdict(check, both) == ("PASS", None)
    assert verdict(check, PASSED, envelope(payload, RED_TEAM)) == ("PASS", None), "in two envelopes"
    for short in ([PASSED], [envelope(payload, CI, CI)], [envelope(payload, CI, STRANGER)]):
        assert verdict(check, *short) == ("FAIL", "signatures_missing")
    assert verdict(check, PASSED, envelope(statement(ARTIFACT, "PASSED", url="other"), RED_TEAM)) == ("FAIL", "signatures_missing")
    assert verdict(check, both, envelope(statement(ARTIFACT, "FAILED"), RED_TEAM)) == ("FAIL", "tests_failed"), "one is enough to say no"
    assert judged(check, PASSED)[0].value == 1.0


def test_signature_that_joins_later_makes_a_statement_no_newer() -> None:
    check = trusting(CI, RED_TEAM, threshold=2, decides="newest")
    payload = base64.b64decode(json.loads(PASSED)["payload"])
    assert verdict(check, PASSED, FAILED, envelope(payload, RED_TEAM)) == ("FAIL", "tests_failed")


def test_result_that_contradicts_its_lists_is_the_worse_of_both() -> None:
    assert verdict(trusting(CI), envelope(statement(ARTIFACT, failedTests=["jailbreak"]))) == ("FAIL", "tests_failed")
    assert verdict(trusting(CI), envelope(statement(ARTIFACT, warnedTests=["slow"]))) == ("WARN", "tests_warned")


@pytest.mark.parametrize("result", ["passed", "", None, True, ["PASSED"]])
def test_result_that_can_not_be_read_lets_nothing_pass(result: Any) -> None:
    unreadable = envelope({**statement(ARTIFACT), "predicate": {"result": result, "configuration": []}})
    assert verdict(trusting(CI), unreadable) == ("FAIL", "result_unreadable")
    assert verdict(trusting(CI), PASSED, unreadable) == ("FAIL", "result_unreadable")


def test_other_predicate_types_are_read_by_their_result() -> None:
    own = "https://example.org/load-test/v1"
    said = {**statement(ARTIFACT), "predicateType": own, "predicate": {"result": "PASSED", "p99_ms": 12.5}}
    assert verdict(trusting(CI, predicate_type=own), envelope(said)) == ("PASS", None)
    assert verdict(trusting(CI), envelope(said)) == ("FAIL", "attestation_missing")


def test_each_named_test_must_have_passed() -> None:
    check = trusting(CI, tests=["jailbreak", "leak", "slow", "never"])
    said = statement(ARTIFACT, "WARNED", passedTests=["jailbreak", "leak"], warnedTests=["slow"])
    whole, *tests = judged(check, envelope(said))
    assert whole.status == "WARN"
    assert [(record.slice, record.status, record.reason_code) for record in tests] == [
        ("jailbreak", "PASS", None), ("leak", "PASS", None), ("slow", "WARN", "tests_warned"), ("never", "FAIL", "test_missing"),
    ]  # fmt: skip
    _, *tests = judged(check, envelope(said), envelope(statement(ARTIFACT, "FAILED", failedTests=["leak"])))
    assert [record.status for record in tests] == ["PASS", "FAIL", "WARN", "FAIL"]
    assert [record.reason_code for record in judged(check)[1:]] == ["test_missing"] * 4


def test_record_says_which_statements_were_looked_at_and_who_signed_them() -> None:
    whole = judged(trusting(CI, RED_TEAM), PASSED, rewritten(PASSED), envelope(statement(ARTIFACT), STRANGER), FAILED)[0]
    assert whole.parameters["recorded"] == 4
    first, second = whole.parameters["statements"]
    assert first["envelopes"] == [builders.sha256(PASSED), builders.sha256(rewritten(PASSED))]
    assert (first["signed_by"], first["result"], first["decides"]) == (["key-0"], "PASSED", True)
    assert second["result"] == "FAILED"
    assert whole.parameters["keys"].keys() == {"key-0", "key-1"}
    assert (whole.metric, whole.value, whole.comparator, whole.threshold) == ("trusted_signatures", 1.0, ">=", 1.0)


def test_further_good_result_measures_the_same_and_a_failure_does_not() -> None:
    """A nightly job that passes again must not end an approval."""

    def measured(*envelopes: bytes) -> list[Any]:
        return [record.measured() for record in judged(trusting(CI, RED_TEAM, tests=["a"]), *envelopes)]

    good, again = envelope(statement(ARTIFACT, passedTests=["a"])), envelope(statement(ARTIFACT, passedTests=["a", "b"]), CI, RED_TEAM)
    assert measured(good) == measured(good, again) == measured(again, good)
    assert measured(good) != measured(good, FAILED)


def test_statements_are_listed_by_their_first_trusted_recording() -> None:
    unsigned = altered(AGAIN, signatures=[{"sig": signing.encoded(bytes(64))}])
    listed = judged(trusting(CI), unsigned, PASSED, AGAIN)[0].parameters["statements"]
    assert [one["envelopes"] for one in listed] == [[builders.sha256(PASSED)], [builders.sha256(AGAIN)]]


def test_many_statements_are_counted_and_the_newest_listed() -> None:
    many = [envelope(statement(ARTIFACT, url=str(place))) for place in range(60)]
    whole = judged(trusting(CI), *many)[0]
    assert (len(whole.parameters["statements"]), whole.parameters["older_statements"]) == (50, 10)


PRIVATE = CI.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def spki(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"keys": []}, "at least 1 item"),
        ({"keys": [{"name": "ci", "key": "nonsense"}]}, "a public key, Ed25519 or ECDSA on P-256"),
        ({"keys": [{"name": "ci", "key": ""}]}, "a public key"),
        ({"keys": [{"name": "ci", "key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}]}, "a public key"),
        ({"keys": [{"name": "ci", "key": PRIVATE}]}, "the public key alone"),
        ({"keys": [{"name": "ci", "key": spki(rsa.generate_private_key(65537, 2048))}]}, "a public key"),
        ({"keys": [{"name": "ci", "key": spki(ec.generate_private_key(ec.SECP384R1()))}]}, "a public key"),
        ({"keys": [{"name": "CI!", "key": signing.public(CI)}]}, "text of the form"),
        ({"keys": [{"name": "ci", "key": signing.public(CI)}, {"name": "ci", "key": signing.public(RED_TEAM)}]}, "a name of its own"),
        ({"keys": [{"name": "ci", "key": signing.public(CI)}, {"name": "too", "key": signing.pem(CI)}]}, "each key once"),
        ({"threshold": 2}, "at most the number of keys, 1"),
        ({"threshold": 0}, "1 or more"),
        ({"predicate_type": "test-result"}, "text of the form"),
        ({"tests": ["a", "a"]}, "each test once"),
        ({"decides": "best"}, "'worst' or 'newest'"),
        ({"max_age_days": 0}, "1 or more"),
    ],
)
def test_check_that_could_not_mean_anything_is_refused_in_the_plan(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Malformed) as caught:
        builders.plan_without_data({**trusting(CI), **more})
    assert complaint in str(caught.value.errors)


def test_private_key_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(Malformed) as caught:
        builders.plan_without_data({**trusting(CI), "keys": [{"name": "ci", "key": PRIVATE}]})
    assert PRIVATE.splitlines()[1] not in f"{caught.value.errors} {caught.value.detail}"


def test_plan_keeps_one_form_of_a_key() -> None:
    raw = {**trusting(CI), "keys": [{"name": "ci", "key": signing.pem(CI)}]}
    [check] = builders.plan_without_data(raw)["checks"]
    assert check["keys"] == [{"name": "ci", "key": signing.public(CI)}]
