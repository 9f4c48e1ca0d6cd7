"""What a document asks less of than the policies that it stands beside or in place of, where a second admin confirms that.

What can't be seen to be at least as strict counts as weaker: a new policy for some models is held against each that may have governed them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Final

from placet_approval.domain.policies_in_force import KnownPolicy, PoliciesInForce
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.raised_terms import raised
from placet_approval.domain.weakening import stands_for_those_before, weakens
from placet_approval.domain.written_policy import WrittenPolicy

__all__ = ["OTHER_MODELS", "WITHDRAWN", "stands_anew", "weakened"]

OTHER_MODELS: Final = "for other models"
WITHDRAWN: Final = "withdrawn"
LONGEST: Final = timedelta(days=36500)


def weakened(policies: PoliciesInForce, written: WrittenPolicy) -> list[str]:
    """In the words of `weakens`, each once; none where every model is asked for at least as much as now."""
    return list(dict.fromkeys(_weakened(policies, written)))


def stands_anew(policies: PoliciesInForce, written: WrittenPolicy) -> bool:
    """Whether an approval here would do for later environments that were not content with one, without those before it.

    By floors too, in either order: a floor's signature on a policy without any, or such a policy under a floor.
    """
    known = _named(policies, written.name)
    if known and known.versions[-1].sha256 == written.sha256():
        return False
    floors = [one for one in _newest(policies) if one.is_floor]
    after = [*(one for one in floors if one.name != written.name), *([written] if written.is_floor else ())]
    if isinstance(written.terms, PolicyTerms):
        return _stand(_terms_before(policies, written), floors, written.terms, after)
    return any(_stand(terms, floors, terms, after) for terms in _terms(policies))


def _stand(old: PolicyTerms | None, floors: Iterable[WrittenPolicy], new: PolicyTerms, after: Iterable[WrittenPolicy]) -> bool:
    """A floor for some models may raise this policy or not: its signatures count after, and nothing else of it does."""
    for_some = [term for floor in after if not floor.selector.every_model for term in floor.terms.signatures]
    before, then = old and _for_sure(old, floors), _for_sure(new, after)
    return stands_for_those_before(before, replace(then, signatures=(*then.signatures, *for_some)))


def _for_sure(terms: PolicyTerms, floors: Iterable[WrittenPolicy]) -> PolicyTerms:
    return reduce(raised, [floor.terms for floor in floors if floor.selector.every_model], terms)


def _terms_before(policies: PoliciesInForce, written: WrittenPolicy) -> PolicyTerms | None:
    """The terms of the policy that the document replaces, else of the environment's own, which governed its models."""
    for name in (written.name, None):
        known = _named(policies, name)
        if known and isinstance(terms := known.versions[-1].written.terms, PolicyTerms):
            return terms
    return None


def _weakened(policies: PoliciesInForce, written: WrittenPolicy) -> Iterator[str]:
    known = _named(policies, written.name)
    before = known.versions[-1].written if known else None
    if isinstance(written.terms, FloorTerms):
        if before and isinstance(before.terms, FloorTerms):
            yield from weakens(_on_nothing(before.terms), _on_nothing(written.terms))
    elif before and isinstance(before.terms, PolicyTerms):
        yield from weakens(before.terms, written.terms)
    else:
        for terms in _terms(policies):
            yield from weakens(terms, written.terms)
    if before and before.selector != written.selector and not written.selector.every_model:
        yield OTHER_MODELS


def _newest(policies: PoliciesInForce) -> Iterator[WrittenPolicy]:
    """What was not withdrawn."""
    return (one.versions[-1].written for one in policies.policies.values() if not one.withdrawn)


def _terms(policies: PoliciesInForce) -> Iterator[PolicyTerms]:
    """Those of policies, without floors."""
    return (one.terms for one in _newest(policies) if isinstance(one.terms, PolicyTerms))


def _named(policies: PoliciesInForce, name: str | None) -> KnownPolicy | None:
    """The one of this name that was not withdrawn."""
    return next((one for one in policies.policies.values() if one.versions[-1].written.name == name and not one.withdrawn), None)


def _on_nothing(floor: FloorTerms) -> PolicyTerms:
    """What the floor makes of a policy that asks for nothing, so that floors are compared as policies are."""
    nothing = PolicyTerms(floor.environment, "allow", (), None, (), LONGEST, rationale_required=False, lineage_required=False)
    return raised(replace(nothing, decision_valid_for=LONGEST), floor)
