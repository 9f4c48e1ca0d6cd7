"""Which policy is in force for a model: the most specific one that selects it, raised by floors and by what its bytes left behind.

An entry with the model's id or name is more specific than a governance tag, a tag than a pattern of names, a pattern than none; of
patterns the one with more letters. A name is chosen by those who register, a tag by admins: so no name releases a model from the policy
of its tag.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyTerms, PolicyVersion
from placet_approval.domain.raised_terms import raised, stricter_mode
from placet_approval.domain.written_policy import DefinedVersion
from placet_shared.model_selectors import ModelSelector, SelectableModel, fits_pattern

__all__ = ["Because", "Chosen", "GovernedModel", "KnownPolicy", "PoliciesInForce", "Selection", "TermChange", "specificity"]

SIDE_BY_SIDE = timedelta(minutes=1)
"""The times of two commands that ran at once do not say which was first: what was defined so shortly before a request is news to it."""

Because = Literal["most_specific", "as_specific", "floor", "same_bytes"]
"""Why a policy counts: `same_bytes` are in force for another model that had a version of these bytes before."""


@dataclass(frozen=True, slots=True)
class GovernedModel:
    """The model of a version, and the `others` that had a version of the same bytes before; None when they are too many to look at.

    `approved_since` is when the first of its approvals that are in force in the environment was given; None without any.
    """

    model: SelectableModel
    others: Sequence[SelectableModel] | None = ()
    approved_since: datetime | None = None

    @classmethod
    def among(cls, model_id: str, models: Sequence[SelectableModel], most: int, approved_since: datetime | None) -> "GovernedModel":
        """The model and the others, of which more than `most` were not read."""
        own = next((model for model in models if model.model_id == model_id), SelectableModel(model_id, ""))
        others = [model for model in models if model.model_id != model_id] if len(models) <= most else None
        return cls(own, others, approved_since)


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """One policy with the versions that matter, oldest first; `at_once` is the last that took effect at once, `since` the first one after
    it was withdrawn."""

    versions: Sequence[DefinedVersion]
    at_once: DefinedVersion | None = None
    withdrawn: bool = False
    since: int = 1

    def counting(self, approved_since: datetime | None) -> DefinedVersion | None:
        """The version that a request rests on; one that waits for renewals does not count for a model that was approved before it."""
        if self.withdrawn:
            return None
        for version in reversed(self.versions):
            waits = version.written.takes_effect == "at-renewal"
            if version.version >= self.since and not (waits and approved_since and approved_since < version.defined_at):
                return version
        return None

    def of(self, version: int) -> DefinedVersion | None:
        """This version, which never changes."""
        return next((one for one in self.versions if one.version == version), None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy that counts, by which entry of its `for`, and for which model."""

    version: DefinedVersion
    entry: str
    because: Because
    model_id: str


@dataclass(frozen=True, slots=True)
class TermChange:
    """A member of a policy's content before and after; None where it has its default."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Selection:
    """What is in force: `main`, raised by `raising` in this order; `next` would have been chosen without it, the most specific first."""

    main: Chosen
    raising: Sequence[Chosen] = ()
    next: Sequence[Chosen] = ()

    @property
    def policy(self) -> PolicyVersion:
        """The terms that follow, with what they were made of."""
        return composed(self.main.version, [one.version for one in self.raising])

    @property
    def steps(self) -> Iterator[tuple[Chosen, Sequence[TermChange]]]:
        """What each of `raising` changes of the terms so far, in this order."""
        terms = _terms(self.main.version)
        for one in self.raising:
            before, terms = terms.content(), raised(terms, one.version.written.terms)
            after = terms.content()
            names = sorted({*before, *after})
            yield one, [TermChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


@dataclass(frozen=True, slots=True)
class PoliciesInForce:
    """The policies of one environment, by id."""

    policies: Mapping[str, KnownPolicy] = field(default_factory=dict)

    def selection(self, governed: GovernedModel) -> Selection | None:
        """None where no policy is for the model."""
        counting = [version for policy in self.policies.values() if (version := policy.counting(governed.approved_since))]
        own = list(_ranked(counting, governed.model))
        if not own:
            return None
        main, *following = own
        most = _rank(main.version, governed.model)
        ties = [replace(one, because="as_specific") for one in following if _rank(one.version, governed.model) == most]
        raising = [*ties, *_floors(counting, governed.model), *_of_same_bytes(counting, governed.others)]
        different = {one.version.policy_id: one for one in reversed(raising) if one.version.policy_id != main.version.policy_id}
        return Selection(main, [*reversed(different.values())], following[len(ties) :])

    @property
    def own(self) -> PolicyVersion | None:
        """The environment's own policy, as far as it is in force for a model that no other one selects."""
        for policy in self.policies.values():
            newest = policy.versions[-1]
            if newest.written.name is None and not policy.withdrawn and not isinstance(newest.written.terms, FloorTerms):
                return composed(newest, ())
        return None

    def for_request(self, governed: GovernedModel) -> PolicyVersion | None:
        """What a sign-off that is requested now is bound to."""
        selection = self.selection(governed)
        return selection.policy if selection else None

    def for_bound(self, bound: Mapping[str, Any], requested_at: datetime, governed: GovernedModel) -> PolicyVersion | None:
        """What counts for a sign-off that is bound to this since then: the same, whatever was defined later, unless a version took effect
        at once: then what a request would be bound to.

        Whether reasons deny or only warn is said by the stricter mode of the two, and what an emergency allows by the policy of now: an old
        request makes neither last.
        """
        now = self.for_request(governed)
        then = self._named(bound)
        if then is None or self._took_effect_since(bound, requested_at, governed):
            return now
        if now is None:
            return then
        mode = stricter_mode(then.terms.mode, now.terms.mode)
        return replace(then, terms=replace(then.terms, mode=mode, break_glass=now.terms.break_glass))

    def _named(self, bound: Mapping[str, Any]) -> PolicyVersion | None:
        references = [bound, *bound.get("raised_by", ())]
        found = [policy.of(one["version"]) if (policy := self.policies.get(one["id"])) else None for one in references]
        if any(version is None or version.sha256 != one["sha256"] for version, one in zip(found, references, strict=True)):
            return None
        main, *raising = (version for version in found if version)
        return composed(main, raising)

    def _took_effect_since(self, bound: Mapping[str, Any], requested_at: datetime, governed: GovernedModel) -> bool:
        """A version of a policy that it is bound to, or of one that is in force for the model itself now, though not for it; what other
        models with the same bytes bring along ends nothing, as with plans."""
        versions = {one["id"]: one["version"] for one in (bound, *bound.get("raised_by", ()))}
        at_once = {policy_id: policy.at_once for policy_id, policy in self.policies.items() if policy.at_once}
        if any(policy_id in at_once and version < at_once[policy_id].version for policy_id, version in versions.items()):
            return True
        own = self.selection(replace(governed, others=()))
        counting = {one.version.policy_id for one in (own.main, *own.raising)} if own else set()
        news = [version for policy_id, version in at_once.items() if policy_id in counting - versions.keys()]
        return any(one.defined_at > requested_at - SIDE_BY_SIDE and one.written.selector.selects(governed.model) for one in news)


def composed(main: DefinedVersion, raising: Iterable[DefinedVersion]) -> PolicyVersion:
    """The terms of a policy raised by others, with the references of all."""
    raising = tuple(raising)
    terms = _terms(main)
    for one in raising:
        terms = raised(terms, one.written.terms)
    return PolicyVersion(main.policy_id, main.version, main.sha256, terms, tuple(one.reference for one in raising))


def specificity(selector: ModelSelector, model: SelectableModel) -> tuple[tuple[int, int], str] | None:
    """How specific the entry is that fits best, and the entry; None when none fits."""
    if selector.every_model:
        return (0, 0), "every model"
    found: list[tuple[tuple[int, int], str]] = []
    for entry in selector.models:
        if entry in (model.model_id, model.name):
            found.append(((3, 0), f"model {entry}"))
        elif fits_pattern(entry, model.name):
            found.append(((1, len(entry.replace("*", ""))), f"model {entry}"))
    tags = ModelSelector(tags=selector.tags)
    if selector.tags and (fitting := tags.fitting_entry(model)):
        found.append(((2, 0), fitting))
    return max(found, default=None)


def _rank(version: DefinedVersion, model: SelectableModel) -> tuple[int, int]:
    found = specificity(version.written.selector, model)
    return found[0] if found else (-1, 0)


def _ranked(counting: Iterable[DefinedVersion], model: SelectableModel) -> Iterator[Chosen]:
    """The policies that select a model, the most specific first; equally specific ones by name."""
    fitting = [
        (found, version)
        for version in counting
        if not isinstance(version.written.terms, FloorTerms) and (found := specificity(version.written.selector, model))
    ]
    for (_, entry), version in sorted(fitting, key=lambda one: ([-part for part in one[0][0]], one[1].written.name or "")):
        yield Chosen(version, entry, "most_specific", model.model_id)


def _floors(counting: Iterable[DefinedVersion], model: SelectableModel) -> Iterator[Chosen]:
    floors = [version for version in counting if isinstance(version.written.terms, FloorTerms)]
    for version in sorted(floors, key=lambda version: version.written.name or ""):
        if found := specificity(version.written.selector, model):
            yield Chosen(version, found[1], "floor", model.model_id)


def _of_same_bytes(counting: Sequence[DefinedVersion], others: Sequence[SelectableModel] | None) -> Iterator[Chosen]:
    """Where the others are too many to look at, all that there is."""
    if others is None:
        for version in sorted(counting, key=lambda version: (version.written.name or "", version.policy_id)):
            yield Chosen(version, "too many models have these bytes", "same_bytes", "")
        return
    for model in others:
        ranked = list(_ranked(counting, model))
        best = [one for one in ranked if _rank(one.version, model) == _rank(ranked[0].version, model)]
        for one in (*best, *_floors(counting, model)):
            yield replace(one, because="same_bytes")


def _terms(version: DefinedVersion) -> PolicyTerms:
    terms = version.written.terms
    if isinstance(terms, FloorTerms):  # unreachable: a floor is never the main policy
        raise TypeError("a floor stands on no policy")
    return terms
