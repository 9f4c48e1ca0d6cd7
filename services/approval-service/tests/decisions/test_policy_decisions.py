"""Policies: every document a version, no version ever changed; the shipped ones."""

from dataclasses import replace

from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_defaults import DEFAULT_POLICIES
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.upcasting import UPCASTERS
from placet_approval.domain.written_policy import WrittenPolicy
from placet_shared.model_selectors import ModelSelector

from .builders import AT, a_policy, new_events

TERMS = a_policy().terms


WRITTEN = WrittenPolicy(TERMS)
WARNS = WrittenPolicy(replace(TERMS, mode="warn"))


def a_defined_policy(written: WrittenPolicy = WRITTEN) -> PolicySet:
    policy = PolicySet.begin("policy-1", written, AT)
    policy.collect_events()
    return policy


def test_first_document_begins_the_policy_of_its_environment() -> None:
    policy = PolicySet.begin("policy-1", WRITTEN, AT)
    assert new_events(policy) == [
        (
            "PolicyDefined",
            {
                "policy_id": "policy-1",
                "environment": "prod",
                "name": None,
                "version": 1,
                "sha256": TERMS.sha256(),
                "mode": "prevent",
                "takes_effect": "next",
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
    assert policy.define("unused", WARNS, AT)
    [(name, fields)] = new_events(policy)
    assert (name, fields["version"], fields["mode"], fields["policy_id"]) == ("PolicyDefined", 2, "warn", "policy-1")
    assert policy.newest(None).written.terms.mode == "warn"


def test_the_same_document_again_changes_nothing() -> None:
    policy = a_defined_policy()
    assert not policy.define("unused", WRITTEN, AT)
    assert new_events(policy) == []


def test_an_older_document_again_is_a_new_version() -> None:
    policy = a_defined_policy()
    policy.define("unused", WARNS, AT)
    assert policy.define("unused", WRITTEN, AT)
    assert policy.newest(None).version == 3


def test_policy_survives_its_stream() -> None:
    policy = PolicySet.begin("policy-1", WRITTEN, AT)
    policy.define("unused", WARNS, AT)
    again = PolicySet.rebuild(policy.collect_events())
    assert again is not None
    assert again.newest(None) == policy.newest(None)


def test_content_gives_the_terms_back() -> None:
    for terms in (TERMS, *DEFAULT_POLICIES):
        assert PolicyTerms.from_content(terms.content()) == terms


def test_shipped_policies_open_dev_and_ask_one_person_in_test_and_two_in_prod() -> None:
    shipped = {terms.environment: (terms.mode, terms.signatures_needed) for terms in DEFAULT_POLICIES}
    assert shipped == {"dev": ("allow", 0), "test": ("prevent", 1), "prod": ("prevent", 2)}
    assert all("requester" in terms.excludes for terms in DEFAULT_POLICIES)


def test_version_of_before_took_effect_at_once_and_was_its_environments_own() -> None:
    fields = UPCASTERS["PolicyDefined", 4]({"policy_id": "policy-1", "version": 3})
    assert fields == {"policy_id": "policy-1", "version": 3, "name": None, "takes_effect": "immediately"}


def test_set_with_one_policy_for_all_leaves_no_choice_and_with_another_one_or_a_renewal_it_does() -> None:
    alone, renewed, several = a_defined_policy(), a_defined_policy(), a_defined_policy()
    renewed.define("policy-1", WrittenPolicy(replace(TERMS, mode="allow"), takes_effect="at-renewal"), AT)
    several.define("policy-2", WrittenPolicy(TERMS, "some", ModelSelector(("credit",))), AT)
    assert [policies.leaves_no_choice for policies in (alone, renewed, several)] == [True, False, False]
