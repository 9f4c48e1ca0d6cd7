"""Policy documents: what they mean, and complaints that name the line."""

from datetime import timedelta

import pytest

from placet_approval.api.floor_documents import read_policy
from placet_approval.api.policy_documents import EXAMPLE
from placet_approval.domain.policy_terms import PolicyTerms, SignatureTerm
from placet_approval.domain.written_policy import WrittenPolicy
from placet_shared.errors import Malformed

SHORTEST = "kind: Policy\nenvironment: prod\nsignatures: []\n"


def test_example_means_what_it_says() -> None:
    terms = read_policy(EXAMPLE).terms
    assert isinstance(terms, PolicyTerms)
    assert terms.signatures == (SignatureTerm(("reviewer",), 1), SignatureTerm(("risk-officer", "compliance"), 1))
    assert terms.verification is not None
    assert terms.verification.max_age == timedelta(days=30)
    assert terms.verification.held_out_required
    assert terms.expires_after == timedelta(days=90)


def test_what_is_left_out_is_strict() -> None:
    terms = read_policy(SHORTEST).terms
    assert isinstance(terms, PolicyTerms)
    assert terms.mode == "prevent"
    assert terms.excludes == ("requester", "registrar", "trainer", "data_preparer")
    assert terms.rationale_required
    assert terms.expires_after == timedelta(days=90)


def test_held_out_that_is_left_out_leaves_the_digest_of_the_policy_as_it_was() -> None:
    plain, optional, required = (read_policy(f"{SHORTEST}evidence: {{verification: {{max_age: 30d{more}}}}}\n").terms for more in
                                 ("", ", held_out: optional", ", held_out: required"))  # fmt: skip
    assert plain.content()["evidence"] == {"verification": {"plan": None, "max_age_seconds": 30 * 86_400}}
    digests = [WrittenPolicy(terms).sha256() for terms in (plain, optional, required)]
    assert digests[0] == digests[1] != digests[2]
    assert PolicyTerms.from_content(required.content()) == required


def test_environment_before_that_is_left_out_is_required_and_optional_leaves_the_digest_as_it_was() -> None:
    plain, optional, soaked = (
        read_policy(SHORTEST + more).terms
        for more in ("", "previous_environment: optional\n", "previous_environment: required\nsoak: 2d\n")
    )
    assert isinstance(soaked, PolicyTerms)
    assert (plain.previous_required, optional.previous_required, soaked.soak) == (True, False, timedelta(days=2))
    assert plain.content()["previous_environment"] == "required"
    assert not {"previous_environment", "soak_seconds"} & optional.content().keys(), "as every policy of the release before"
    assert PolicyTerms.from_content(soaked.content()) == soaked
    with pytest.raises(Malformed, match="`previous_environment` is required"):
        read_policy(SHORTEST + "previous_environment: optional\nsoak: 2d\n")


def test_json_is_read_like_yaml() -> None:
    assert read_policy('{"kind": "Policy", "environment": "prod", "signatures": []}') == read_policy(SHORTEST)


@pytest.mark.parametrize("kind", ["policy", "POLICY"])
def test_kind_is_understood_in_any_case(kind: str) -> None:
    assert read_policy(SHORTEST.replace("Policy", kind)) == read_policy(SHORTEST)


@pytest.mark.parametrize("kind", ["Plan", "1", "[Policy]", "null"])
def test_kind_that_is_none_names_the_line(kind: str) -> None:
    with pytest.raises(Malformed, match="line 1: kind"):
        read_policy(SHORTEST.replace("Policy", kind))


def test_order_of_exclusions_does_not_make_another_policy() -> None:
    one, other = (
        read_policy(f"{SHORTEST}separation_of_duties:\n  exclude: [{names}]\n") for names in ("requester, trainer", "trainer, requester")
    )
    assert one.sha256() == other.sha256()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (EXAMPLE.replace("mode: prevent", "mode: maybe"), "line 3: mode: 'prevent', 'warn' or 'allow'"),
        (EXAMPLE.replace("count: 1", "count: 0", 1), "line 6: signatures.0.count: 1 or more"),
        (EXAMPLE.replace("role: reviewer", "roles: reviewer"), "line 5: signatures.0.roles: unknown field `roles`, did you mean `role`?"),
        (EXAMPLE.replace("role: reviewer", "role: Reviewer"), "line 5: signatures.0.role"),
        (
            EXAMPLE.replace("    max_age: 30d", "    max_age: 30 days"),
            "line 11: evidence.verification.max_age: a duration such as",
        ),
        (EXAMPLE.replace("expires_after: 90d", "expires_after: 90"), "line 16: expires_after: a duration such as"),
        (EXAMPLE.replace("exclude: [requester, ", "exclude: ["), "line 13: separation_of_duties: a list with `requester`"),
        (
            EXAMPLE.replace("  - role: reviewer\n    count: 1", "  - count: 1"),
            "line 5: signatures.0: either `role` or `any_of`",
        ),
        ("kind: Policy\nenvironment: Prod\nsignatures: []\n", "line 2: environment"),
        ("environment: prod\nsignatures: []\n", "line 1: kind: is required"),
        ("kind: Policy\nenvironment: prod\n", "line 1: signatures: is required"),
        ("kind: Policy\nkind: Policy\n", "line 2: kind: each key once"),
        ("- 1\n", "line 1"),
    ],
)
def test_document_refused(document: str, complaint: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_policy(document)
    assert complaint in [f"{error.field}: {error.allowed}"[: len(complaint)] for error in caught.value.errors]
