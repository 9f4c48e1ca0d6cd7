"""Policies: every document a version, no version ever changed; the shipped ones."""

from dataclasses import replace

from placet_approval.domain.policy import Policy
from placet_approval.domain.policy_defaults import DEFAULT_POLICIES
from placet_approval.domain.policy_terms import PolicyTerms

from .builders import AT, a_policy, new_events

TERMS = a_policy().terms


def a_defined_policy(terms: PolicyTerms = TERMS) -> Policy:
    policy = Policy.define("policy-1", terms, AT)
    policy.collect_events()
    return policy


def test_first_document_begins_the_policy_of_its_environment() -> None:
    policy = Policy.define("policy-1", TERMS, AT)
    assert new_events(policy) == [
        (
            "PolicyDefined",
            {
                "policy_id": "policy-1",
                "environment": "prod",
                "version": 1,
                "sha256": TERMS.sha256(),
                "mode": "prevent",
                "content": {
                    "environment": "prod",
                    "mode": "prevent",
                    "signatures": [{"any_of": ["reviewer"], "count": 1}, {"any_of": ["risk-officer"], "count": 1}],
                    "evidence": {"verification": {"plan": None, "max_age_seconds": 2592000}},
                    "separation_of_duties": {"exclude": ["requester", "registrar", "trainer", "data_preparer"]},
                    "expires_after_seconds": 7776000,
                    "rationale": "required",
                },
            },
        )
    ]


def test_another_document_makes_the_next_version() -> None:
    policy = a_defined_policy()
    assert policy.redefine(replace(TERMS, mode="warn"), AT)
    [(name, fields)] = new_events(policy)
    assert (name, fields["version"], fields["mode"], fields["policy_id"]) == ("PolicyDefined", 2, "warn", "policy-1")
    assert policy.current.terms.mode == "warn"


def test_the_same_document_again_changes_nothing() -> None:
    policy = a_defined_policy()
    assert not policy.redefine(TERMS, AT)
    assert new_events(policy) == []


def test_an_older_document_again_is_a_new_version() -> None:
    policy = a_defined_policy()
    policy.redefine(replace(TERMS, mode="warn"), AT)
    assert policy.redefine(TERMS, AT)
    assert policy.current.version == 3


def test_policy_survives_its_stream() -> None:
    policy = Policy.define("policy-1", TERMS, AT)
    policy.redefine(replace(TERMS, mode="warn"), AT)
    again = Policy.rebuild(policy.collect_events())
    assert again is not None
    assert again.current == policy.current


def test_content_gives_the_terms_back() -> None:
    for terms in (TERMS, *DEFAULT_POLICIES):
        assert PolicyTerms.from_content(terms.content()) == terms


def test_shipped_policies_open_dev_and_ask_one_person_in_test_and_two_in_prod() -> None:
    shipped = {terms.environment: (terms.mode, terms.signatures_needed) for terms in DEFAULT_POLICIES}
    assert shipped == {"dev": ("allow", 0), "test": ("prevent", 1), "prod": ("prevent", 2)}
    assert all("requester" in terms.excludes for terms in DEFAULT_POLICIES)
