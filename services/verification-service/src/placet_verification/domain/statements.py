"""in-toto Statements (version 1, github.com/in-toto/attestation): what a payload says about which bytes, and results of tests in it.

As the framework's parsing rules say, members that are not known here are passed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from placet_verification.domain.envelopes import Envelope, refuse_field
from placet_verification.domain.strict_json import read_json

__all__ = ["PAYLOAD_TYPE", "PREDICATE_TYPE", "TEST_RESULT", "Statement", "SuiteResult", "read_statement", "read_suite_result"]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
"""Predicates of this type are read by `read_suite_result` before they are recorded."""

PREDICATE_TYPE = r"^[A-Za-z][A-Za-z0-9+.-]{0,30}:[!-~]{1,160}$"
MOST_SUBJECTS = 16
"""Each may have to be looked up in the registry."""

_DEPTH = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")

Result = Literal["PASSED", "WARNED", "FAILED"]


@dataclass(frozen=True, slots=True)
class Statement:
    """`artifacts` are the SHA-256 digests of the subjects; names of subjects mean nothing."""

    predicate_type: str
    artifacts: tuple[str, ...]
    predicate: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One invocation of a test suite. `result` is the worst of what the predicate says as a whole and by its lists."""

    result: Result
    passed: frozenset[str]
    warned: frozenset[str]
    failed: frozenset[str]


def read_statement(envelope: Envelope) -> Statement:
    """Of the payload's bytes, exactly as they were signed; raises `Malformed` that names the field."""
    if envelope.payload_type != PAYLOAD_TYPE:
        refuse_field("payloadType", envelope.payload_type, PAYLOAD_TYPE)
    try:
        found = read_json(envelope.payload, _DEPTH)
    except ValueError as error:
        refuse_field("payload", None, str(error))
    if not isinstance(found, Mapping) or found.get("_type") != STATEMENT:
        refuse_field("payload._type", found.get("_type") if isinstance(found, Mapping) else found, STATEMENT)
    predicate_type, predicate = found.get("predicateType"), found.get("predicate")
    if not isinstance(predicate_type, str) or not re.fullmatch(PREDICATE_TYPE, predicate_type):
        refuse_field("payload.predicateType", predicate_type, f"a URI such as {TEST_RESULT}")
    if not isinstance(predicate, Mapping):
        refuse_field("payload.predicate", predicate, "an object")
    return Statement(predicate_type, tuple(_artifacts(found.get("subject"))), predicate)


def read_suite_result(predicate: Mapping[str, Any], *, of_the_type: bool = True) -> SuiteResult:
    """The predicate's `result`, `passedTests`, `warnedTests` and `failedTests`; raises `Malformed` that names the field.

    `configuration` is required where the predicate is `of_the_type` that says so. A result that is better than its lists does not count.
    """
    said = predicate.get("result")
    if said not in ("PASSED", "WARNED", "FAILED"):
        refuse_field("payload.predicate.result", said, "PASSED, WARNED or FAILED")
    if of_the_type and not isinstance(predicate.get("configuration"), list):
        refuse_field("payload.predicate.configuration", predicate.get("configuration"), "a list: what the tests were configured by")
    passed, warned, failed = (_names(predicate, name) for name in ("passedTests", "warnedTests", "failedTests"))
    result: Result = "FAILED" if failed else "WARNED" if warned and said == "PASSED" else said
    return SuiteResult(result, passed, warned, failed)


def _artifacts(subjects: Any) -> Sequence[str]:
    if not isinstance(subjects, list) or not 1 <= len(subjects) <= MOST_SUBJECTS:
        shown = len(subjects) if isinstance(subjects, list) else subjects
        refuse_field("payload.subject", shown, f"a list of 1 to {MOST_SUBJECTS} subjects")
    found: dict[str, None] = {}
    for place, subject in enumerate(subjects):
        digest = subject.get("digest") if isinstance(subject, Mapping) else None
        if not isinstance(digest, Mapping):
            refuse_field(f"payload.subject.{place}.digest", digest, "an object of digests by algorithm")
        sha256 = digest.get("sha256")
        if sha256 is not None:
            if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
                refuse_field(f"payload.subject.{place}.digest.sha256", sha256, "64 lower-case hexadecimal digits")
            found[sha256] = None
    if not found:
        refuse_field("payload.subject", len(subjects), "a subject with the digest `sha256` of a registered artifact")
    return list(found)


def _names(predicate: Mapping[str, Any], name: str) -> frozenset[str]:
    found = predicate.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        refuse_field(f"payload.predicate.{name}", found, "a list of names")
    return frozenset(found)
