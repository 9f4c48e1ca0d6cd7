"""Tests that ran elsewhere passed: signed in-toto attestations say so.

An attestation is a DSSE envelope whose payload is an in-toto Statement about the artifact's SHA-256, uploaded with
`placet attestations add`. Each account that may request runs may upload one; it counts by its signature alone. A run considers what
was recorded before it was requested. Without an attestation that counts the check fails.

With `decides: worst` one `FAILED`, by any of the keys, fails the check for these bytes however many `PASSED` come before or after it. With
`decides: newest` the statement that was recorded last decides, of several at the same time the worst; a `PASSED` that the uploader
holds back until a `FAILED` is recorded then counts as the newer one. A statement that is uploaded again is as old as its first recording.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from placet_shared.contracts.plan_document import Name, PlanDocument
from placet_verification.checks.attested import Attested, attested
from placet_verification.checks.kind import CheckKind, Contradiction, Parameters
from placet_verification.checks.trusted_keys import fingerprint, key_text, public_key
from placet_verification.domain.records import Record, Status
from placet_verification.domain.statements import PREDICATE_TYPE, TEST_RESULT

__all__ = ["KIND", "AttestationParameters"]

MOST_STATEMENTS = 50
MOST_FAILED_TESTS = 20
NAME_SHOWN = 200

_STATUS: Mapping[str, tuple[Status, str | None]] = {
    "FAILED": ("FAIL", "tests_failed"),
    "WARNED": ("WARN", "tests_warned"),
    "PASSED": ("PASS", None),
}
_FROM_WORST: Sequence[Status] = ("FAIL", "WARN", "PASS")
Verdict = tuple[Status, str | None]

TestName = Annotated[str, Field(min_length=1, max_length=NAME_SHOWN)]


class TrustedKey(BaseModel):
    """Who signs, and the public key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    key: Annotated[str, Field(max_length=1000), AfterValidator(lambda text: key_text(public_key(text)))]


class AttestationParameters(Parameters):
    """Whose word counts, and about what."""

    keys: Annotated[
        tuple[TrustedKey, ...],
        Field(
            min_length=1,
            max_length=10,
            description="the keys that are trusted: Ed25519 or ECDSA P-256, as PEM or base64; the plan keeps the base64 of the DER form",
        ),
    ]
    threshold: Annotated[int, Field(ge=1, description="how many different keys must have signed the same good statement")] = 1
    predicate_type: Annotated[
        str, Field(pattern=PREDICATE_TYPE, max_length=200, description="of the statements; their predicates need a `result`")
    ] = TEST_RESULT
    tests: Annotated[
        tuple[TestName, ...], Field(max_length=100, description="names that must be among `passedTests`; one among `warnedTests` warns")
    ] = ()
    decides: Annotated[Literal["worst", "newest"], Field(description="which statement decides when there are several")] = "worst"
    max_age_days: Annotated[
        int | None,
        Field(ge=1, le=3650, description="good statements do not count that were first recorded longer ago when the run was requested"),
    ] = None


def judge(wanted: AttestationParameters, found: Mapping[str, Any]) -> Sequence[Record]:
    """One record for all statements, and one for each test that must have passed."""
    facts = found["attestations"]
    keys = {one.name: public_key(one.key) for one in wanted.keys}
    statements = attested(facts["recorded"], facts["artifact_sha256"], keys, wanted.predicate_type)
    deciding = _deciding(wanted, [one for one in statements if _counts(wanted, one)])
    status, reason = _verdict(wanted, statements, deciding, datetime.fromisoformat(facts["requested_at"]))
    signed = max((len(one.signed_by) for one in deciding or statements), default=0)
    whole = Record(
        status=status,
        reason_code=reason,
        metric="trusted_signatures",
        value=float(min(signed, wanted.threshold)),
        comparator=">=",
        threshold=float(wanted.threshold),
        method="dsse_in_toto",
        parameters={
            "keys": {name: fingerprint(key) for name, key in keys.items()},
            "recorded": len(facts["recorded"]),
            "statements": [_shown(one, one in deciding) for one in statements[-MOST_STATEMENTS:]],
            "older_statements": max(0, len(statements) - MOST_STATEMENTS),
        },
    )
    return [whole, *(_of_test(name, deciding) for name in wanted.tests)]


def _counts(wanted: AttestationParameters, one: Attested) -> bool:
    """A good statement by too few keys says nothing; a bad one by any of them is heard."""
    return len(one.signed_by) >= wanted.threshold or _said(one)[0] == "FAIL"


def _deciding(wanted: AttestationParameters, counting: Sequence[Attested]) -> Sequence[Attested]:
    if wanted.decides == "worst" or not counting:
        return counting
    newest = max(one.since for one in counting)
    return [one for one in counting if one.since == newest]


def _verdict(
    wanted: AttestationParameters, statements: Sequence[Attested], deciding: Sequence[Attested], requested_at: datetime
) -> Verdict:
    if not deciding:
        return "FAIL", "signatures_missing" if statements else "attestation_missing"
    worst = min((_said(one) for one in deciding), key=lambda verdict: _FROM_WORST.index(verdict[0]))
    if worst[0] != "FAIL" and wanted.max_age_days is not None:
        oldest = requested_at - timedelta(days=wanted.max_age_days)
        if all(one.since < oldest for one in deciding):
            return "FAIL", "attestation_too_old"
    return worst


def _said(one: Attested) -> Verdict:
    return ("FAIL", "result_unreadable") if one.result is None else _STATUS[one.result.result]


def _of_test(name: str, deciding: Sequence[Attested]) -> Record:
    """The worst that a deciding statement says of the test; one that none of them names was not run."""
    results = [one.result for one in deciding if one.result is not None]
    if any(name in result.failed for result in results):
        status, reason = _STATUS["FAILED"]
    elif any(name in result.warned for result in results):
        status, reason = _STATUS["WARNED"]
    elif any(name in result.passed for result in results):
        status, reason = _STATUS["PASSED"]
    else:
        status, reason = "FAIL", "test_missing"
    return Record(status=status, reason_code=reason, slice=name, method="dsse_in_toto")


def _shown(one: Attested, decides: bool) -> dict[str, Any]:
    result = one.result
    counted = {} if result is None else {"passed": len(result.passed), "warned": len(result.warned), "failed": len(result.failed)}
    return {
        "statement_sha256": one.sha256,
        "envelopes": list(one.envelopes),
        "signed_by": list(one.signed_by),
        "recorded_at": one.since.isoformat(),
        "result": None if result is None else result.result,
        "decides": decides,
        **counted,
        "failed_tests": [] if result is None else [name[:NAME_SHOWN] for name in sorted(result.failed)[:MOST_FAILED_TESTS]],
    }


def contradictions(wanted: AttestationParameters, plan: PlanDocument) -> Iterator[Contradiction]:
    """Each name, each key and each test once, and as many keys as must sign."""
    for name, count in Counter(one.name for one in wanted.keys).items():
        if count > 1:
            yield "keys", name, "a name of its own for every key"
    for key, count in Counter(one.key for one in wanted.keys).items():
        if count > 1:
            yield "keys", key, "each key once: it is one signer, whatever its names"
    for name, count in Counter(wanted.tests).items():
        if count > 1:
            yield "tests", name, "each test once"
    if wanted.threshold > len(wanted.keys):
        yield "threshold", wanted.threshold, f"at most the number of keys, {len(wanted.keys)}"


KIND = CheckKind(
    name="attestation",
    version=1,
    purpose="Attestations that are signed by keys of the plan say that tests of exactly these bytes passed elsewhere: in a CI job, by a "
    "red team, under load.",
    parameters=AttestationParameters,
    measure=None,
    judge=judge,
    runs_the_model=False,
    needs=frozenset({"attestations"}),
    contradictions=contradictions,
)
