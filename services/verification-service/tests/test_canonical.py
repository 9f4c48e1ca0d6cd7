"""Canonical JSON is what another implementation of RFC 8785 writes."""

import json
from typing import Any, cast

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from placet_verification.domain.canonical import canonical, digest

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | FLOATS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES)
def test_any_value_has_the_bytes_that_another_implementation_gives(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(cast(Any, value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"), (-0.0, "0"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-6, "0.000001"), (1e-7, "1e-7"),
        (333333333.33333329, "333333333.3333333"), (4.5e-324, "5e-324"), (123456.789, "123456.789"), (1.5e300, "1.5e+300"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_writes_them(value: float, text: str) -> None:
    assert canonical(value) == text.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, {"a": {1, 2}}, b"bytes"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(value)


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    value = {"b": [1, 2.5], "a": None}
    assert digest(value) == digest(json.loads('{"a":null,"b":[1,2.5]}'))
