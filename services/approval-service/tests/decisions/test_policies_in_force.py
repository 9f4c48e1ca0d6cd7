"""Which policy is in force for a model, what raises it, and what counts for a sign-off that is bound to one: pure decisions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from placet_approval.domain.policies_in_force import SIDE_BY_SIDE, GovernedModel, PoliciesInForce, Selection
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyVersion, SignatureTerm
from placet_approval.domain.written_policy import TakesEffect, WrittenPolicy
from placet_shared.errors import Conflict
from placet_shared.model_selectors import ModelSelector, SelectableModel

from .builders import AT, DAY, GLASS_TERMS, WHY, a_policy, new_events

MODEL = SelectableModel("model-1", "credit-default", {"governance/risk": "high"})
GOVERNED = GovernedModel(MODEL)
TERMS = a_policy().terms
REVIEWER = SignatureTerm(("reviewer",), 1)


def written(name: str | None = None, *models: str, tag: str = "", takes_effect: TakesEffect = "next", **terms: Any) -> WrittenPolicy:
    selector = ModelSelector(models, {"governance/risk": tag} if tag else {})
    return WrittenPolicy(replace(TERMS, **terms), name, selector, takes_effect)


def a_floor(name: str = "bank", *models: str, takes_effect: TakesEffect = "next", **terms: Any) -> WrittenPolicy:
    return WrittenPolicy(FloorTerms("prod", **terms), name, ModelSelector(models), takes_effect)


class Defining:
    """The policies of prod; each document a day later than the one before."""

    def __init__(self, *documents: WrittenPolicy) -> None:
        self.policies: PolicySet | None = None
        self.at = AT
        for document in documents:
            self.then(document)

    def then(self, document: WrittenPolicy) -> "Defining":
        self.at += DAY
        policy_id = f"policy-{document.name}"
        if self.policies is None:
            self.policies = PolicySet.begin(policy_id, document, self.at)
        else:
            self.policies.define(policy_id, document, self.at)
        return self

    def withdraw(self, name: str) -> "Defining":
        assert self.policies
        self.policies.withdraw(name, WHY, self.at)
        return self

    @property
    def in_force(self) -> PoliciesInForce:
        assert self.policies
        return self.policies.in_force

    def selection(self, governed: GovernedModel = GOVERNED) -> Selection:
        found = self.in_force.selection(governed)
        assert found
        return found

    def request(self, governed: GovernedModel = GOVERNED) -> PolicyVersion:
        found = self.in_force.for_request(governed)
        assert found
        return found

    def bound(self, to: PolicyVersion, after: timedelta = DAY, governed: GovernedModel = GOVERNED) -> PolicyVersion | None:
        """For a sign-off that was requested so long after all that is defined now, and bound to this."""
        return self.in_force.for_bound(to.reference(), self.at + after, governed)


@pytest.mark.parametrize(
    ("chosen", "others"),
    [
        ("named", ("tagged", "patterned", "longer", None)),
        ("tagged", ("patterned", "longer", None)),
        ("longer", ("patterned", None)),
        ("patterned", (None,)),
        (None, ()),
    ],
)
def test_most_specific_policy_is_in_force(chosen: str | None, others: tuple[str | None, ...]) -> None:
    documents = {
        None: written(),
        "patterned": written("patterned", "c*"),
        "longer": written("longer", "credit*"),
        "tagged": written("tagged", tag="high"),
        "named": written("named", "credit-default"),
    }
    one_way = Defining(*(documents[name] for name in (chosen, *others))).selection()
    other_way = Defining(*(documents[name] for name in (*others, chosen))).selection()
    assert one_way.main.version.written.name == other_way.main.version.written.name == chosen
    assert [*one_way.raising, *other_way.raising] == []


def test_name_that_a_developer_chose_releases_no_model_from_the_policy_of_its_tag() -> None:
    policies = Defining(written(), written("high", tag="high"), written("sandbox", "credit-*", signatures=(), mode="allow"))
    assert policies.selection().main.version.written.name == "high"


def test_equally_specific_policies_raise_one_another_in_any_order() -> None:
    one, other = written("one", "credit*", signatures=(REVIEWER,)), written("other", "*fault", expires_after=DAY)
    other = replace(other, selector=ModelSelector(("*efault",)))
    for documents in ((one, other), (other, one)):
        terms = Defining(*documents).request().terms
        assert (terms.expires_after, len(terms.signatures)) == (DAY, 2)


def test_floor_raises_what_is_in_force_and_is_none_by_itself() -> None:
    policies = Defining(written(signatures=(REVIEWER,), mode="warn"), a_floor(signatures=(REVIEWER, REVIEWER), mode="prevent"))
    found = policies.request()
    assert (found.terms.mode, found.terms.signatures_needed) == ("prevent", 2)
    assert found.reference()["raised_by"] == [
        {"id": "policy-bank", "version": 1, "sha256": policies.in_force.policies["policy-bank"].versions[0].sha256}
    ]
    assert Defining(a_floor()).in_force.selection(GOVERNED) is None


def test_floor_for_other_models_raises_nothing() -> None:
    assert Defining(written(), a_floor("bank", "fraud*", mode="prevent")).selection().raising == []


def test_bytes_take_the_policy_of_the_model_they_were_registered_for_along() -> None:
    lenient, strict = written("lenient", "copy", signatures=(REVIEWER,)), written("strict", "credit-default", signatures=(REVIEWER,) * 3)
    policies = Defining(written(signatures=()), lenient, strict)
    copy = SelectableModel("model-2", "copy")
    assert policies.request(GovernedModel(copy)).terms.signatures_needed == 1
    found = policies.selection(GovernedModel(copy, (MODEL,)))
    assert [(one.version.written.name, one.because, one.model_id) for one in found.raising] == [("strict", "same_bytes", "model-1")]
    assert found.policy.terms.signatures_needed == 3
    assert policies.request(GovernedModel(copy, None)).terms.signatures_needed == 3, "too many models to look at"


def test_later_version_leaves_what_is_bound_as_it_is_and_counts_for_the_next_request() -> None:
    policies = Defining(written(signatures=(REVIEWER,) * 2))
    before = policies.request()
    policies.then(written(signatures=(REVIEWER,)))
    assert policies.bound(before) == before
    assert policies.request().version == 2


def test_version_that_takes_effect_at_once_counts_for_what_is_bound_to_one_before() -> None:
    policies = Defining(written())
    before = policies.request()
    policies.then(written(expires_after=DAY, takes_effect="immediately")).then(written(expires_after=2 * DAY))
    found = policies.bound(before)
    assert found
    assert found.version == 3, "a later version takes nothing of it back"


def test_mode_of_what_is_bound_is_never_milder_than_that_of_now_or_then() -> None:
    policies = Defining(written(mode="allow"))
    before = policies.request()
    policies.then(written(mode="prevent"))
    found = policies.bound(before)
    assert found
    assert (found.version, found.terms.mode) == (1, "prevent")
    policies = Defining(written(mode="prevent"))
    before = policies.request()
    policies.then(written(mode="allow"))
    found = policies.bound(before)
    assert found
    assert (found.version, found.terms.mode) == (1, "prevent")


def test_emergency_of_a_policy_of_before_is_none_for_what_is_bound_to_it() -> None:
    policies = Defining(written(break_glass=GLASS_TERMS))
    before = policies.request()
    policies.then(written())
    found = policies.bound(before)
    assert found
    assert (found.version, found.terms.break_glass) == (1, None)


def test_version_at_renewal_waits_for_the_end_of_an_approval_from_before_it_alone() -> None:
    policies = Defining(written(), written(expires_after=DAY, takes_effect="at-renewal"))
    assert policies.request().version == 2
    before, later = (GovernedModel(MODEL, approved_since=policies.at + after) for after in (-timedelta(hours=1), timedelta(hours=1)))
    assert (policies.request(before).version, policies.request(later).version) == (1, 2)
    policies.then(written(expires_after=2 * DAY))
    assert policies.request(before).version == 3, "one that counts for the next request does not wait"


def test_tag_that_is_removed_leaves_a_sign_off_bound_to_its_policy() -> None:
    policies = Defining(written(signatures=(REVIEWER,), takes_effect="immediately"), written("high", tag="high"))
    before = policies.request()
    untagged = GovernedModel(replace(MODEL, tags={}))
    assert policies.request(untagged).policy_id == "policy-None"
    assert policies.bound(before, governed=untagged) == before


def test_policy_that_selects_a_model_at_once_counts_for_what_was_bound_before_it() -> None:
    policies = Defining(written())
    before, requested_at = policies.request(), policies.at + timedelta(hours=1)
    policies.then(written("high", tag="high", takes_effect="immediately"))
    found = policies.in_force.for_bound(before.reference(), requested_at, GOVERNED)
    assert found
    assert found.policy_id == "policy-high"
    assert policies.bound(before, after=SIDE_BY_SIDE * 2) == before, "it was requested after that, when another tag was set"
    assert policies.bound(before, after=SIDE_BY_SIDE / 2) != before, "as nearly at once as clocks can say"


def test_what_other_models_of_the_bytes_are_asked_at_once_ends_nothing() -> None:
    other = SelectableModel("model-2", "copied-from")
    governed = GovernedModel(MODEL, (other,))
    policies = Defining(written())
    before, requested_at = policies.request(governed), policies.at
    policies.then(written("other", "copied-from", signatures=(REVIEWER,) * 3, takes_effect="immediately"))
    assert policies.in_force.for_bound(before.reference(), requested_at, governed) == before
    assert policies.request(governed).terms.signatures_needed == 3 + 1


def test_withdrawn_policy_counts_for_no_request_and_for_all_that_is_bound_to_it() -> None:
    policies = Defining(written(takes_effect="immediately"), written("high", tag="high"))
    before = policies.request()
    policies.withdraw("high")
    assert policies.request().policy_id == "policy-None"
    assert policies.bound(before) == before
    with pytest.raises(Conflict, match="withdrawn already"):
        policies.withdraw("high")
    policies.then(written("high", tag="high", takes_effect="at-renewal"))
    assert policies.request().reference() == {**before.reference(), "version": 2}
    approved_before = GovernedModel(MODEL, approved_since=AT)
    assert policies.request(approved_before).policy_id == "policy-None", "what was withdrawn does not count again"


def test_policy_and_floor_have_different_names() -> None:
    with pytest.raises(Conflict) as caught:
        Defining(written(), a_floor("high"), written("high", tag="high"))
    assert caught.value.code == "policy_name_taken"


def test_same_document_that_takes_effect_later_changes_nothing_and_at_once_is_a_version() -> None:
    policies = Defining(written(), written(takes_effect="at-renewal"))
    assert policies.policies
    assert [fields["version"] for _, fields in new_events(policies.policies)] == [1]
    policies.then(written(takes_effect="immediately")).then(written())
    assert [(fields["version"], fields["takes_effect"]) for _, fields in new_events(policies.policies)] == [(2, "immediately")]


def test_steps_say_what_each_floor_raises() -> None:
    found = Defining(written(expires_after=90 * DAY), a_floor(expires_after=30 * DAY)).selection()
    [(chosen, changes)] = found.steps
    assert (chosen.because, chosen.entry) == ("floor", "every model")
    assert [(one.field, one.old, one.new) for one in changes] == [("expires_after_seconds", 90 * 86400, 30 * 86400)]
