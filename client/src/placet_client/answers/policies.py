"""What environments ask of people, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part

__all__ = [
    "CheckedDocument", "ChosenPolicy", "DefinedPolicy", "EnvironmentPolicies", "Obstacle", "PoliciesFor", "Policy", "PolicyReplay",
    "RaisingPolicy", "TermChange", "WithdrawnPolicy",
]  # fmt: skip


class Policy(Answer, frozen=True, kw_only=True):
    """What an environment asks of people; `mode` is prevent, warn or allow, None in a floor that leaves it to the policy.

    `name` is None for the environment's own. `takes_effect` is next, at-renewal or immediately.
    """

    policy_id: str
    environment: str
    name: str | None = None
    kind: str = "policy"
    version: int
    sha256: str
    mode: str | None = None
    takes_effect: str
    content: dict[str, Any] = {}
    defined_by: str
    defined_at: datetime
    withdrawn_at: datetime | None = None


class EnvironmentPolicies(Answer, frozen=True, kw_only=True):
    """The environment's own policy, None while it has none, with all its versions, and those of policies for some models and of floors."""

    environment: str
    current: Policy | None = None
    versions: tuple[Policy, ...] = ()
    for_models: tuple[Policy, ...] = ()
    revision: int


class DefinedPolicy(Answer, frozen=True, kw_only=True):
    """The version in force, 0 while there is none; `changed` is false when it says the same as the one before, or while `proposed_change`
    waits for a second admin, since it `weakens` what is asked for."""

    id: str
    version: int
    sha256: str
    environment: str
    name: str | None = None
    takes_effect: str
    changed: bool
    proposed_change: str | None = None
    weakens: tuple[str, ...] = ()


class WithdrawnPolicy(Answer, frozen=True, kw_only=True):
    """It counts for no request any more, or does until `proposed_change` is confirmed."""

    id: str
    environment: str
    name: str
    version: int
    proposed_change: str | None = None


class ChosenPolicy(Part, frozen=True, kw_only=True):
    """A version of a policy, and the entry of its `for` by which it is for the model."""

    policy_id: str
    name: str | None = None
    kind: str
    version: int
    sha256: str
    takes_effect: str
    entry: str


class TermChange(Part, frozen=True, kw_only=True):
    """A term before and after it was raised."""

    field: str
    old: Any = None
    new: Any = None


class RaisingPolicy(Part, frozen=True, kw_only=True):
    """One that raises what the model's policy asks for; `because` is floor, as_specific or same_bytes."""

    policy: ChosenPolicy
    because: str
    model_id: str | None = None
    changes: tuple[TermChange, ...] = ()


class PoliciesFor(Answer, frozen=True, kw_only=True):
    """What a sign-off of this version that is requested now would be bound to; `otherwise` would be in force without `policy`."""

    environment: str
    model_id: str
    version_id: str
    number: int
    policy: ChosenPolicy
    raised_by: tuple[RaisingPolicy, ...] = ()
    otherwise: tuple[ChosenPolicy, ...] = ()
    content: dict[str, Any] = {}


class Obstacle(Part, frozen=True, kw_only=True):
    """Why no sign-off can be approved under a policy as things are."""

    code: str
    detail: str
    resolve: str


class CheckedDocument(Answer, frozen=True, kw_only=True):
    """A policy that could be defined; `obstacles` keep it from being met, and it `weakens` what the version in force asks for."""

    environment: str
    name: str | None = None
    kind: str = "policy"
    sha256: str
    content: dict[str, Any] = {}
    takes_effect: str
    concerned: tuple[str, ...] = ()
    concerned_in_all: int = 0
    obstacles: tuple[Obstacle, ...] = ()
    weakens: tuple[str, ...] = ()


class ReplayCount(Part, frozen=True, kw_only=True):
    """How many sign-offs have this reason; `effect` is blocked, delayed or not_known."""

    reason: str
    effect: str
    sign_offs: int


class ReplayedReason(Part, frozen=True, kw_only=True):
    """What a draft has against a sign-off; `people` are ids of signers whom it excludes."""

    reason: str
    detail: str
    people: tuple[str, ...] = ()


class ReplayedExample(Part, frozen=True, kw_only=True):
    """A sign-off that a draft would have changed; `outcome` is blocked, delayed, let_through or not_known."""

    sign_off_id: str
    model_id: str
    model: str | None = None
    number: int | None = None
    state: str
    outcome: str
    requested_at: datetime
    decided_at: datetime
    reasons: tuple[ReplayedReason, ...] = ()
    waits_at_least_seconds: int | None = None


class AskedRoles(Part, frozen=True, kw_only=True):
    """How often people with one of these roles were asked, and would have been."""

    any_of: tuple[str, ...]
    feedback: bool
    then: int
    with_draft: int


class PersonAsked(Part, frozen=True, kw_only=True):
    """A holder of a draft's signing role today, and how many approvals would have needed a signature more that they could give."""

    person_id: str
    name: str | None = None
    signed: int
    may_be_asked: int
    must_be_asked: int


class PolicyReplay(Answer, frozen=True, kw_only=True):
    """What a draft would have made of the past sign-offs of its environment."""

    environment: str
    since: datetime
    replayed: int
    complete: bool
    same: int
    blocked: int
    delayed: int
    let_through: int
    not_known: int
    reasons: tuple[ReplayCount, ...] = ()
    shorter_validity: int
    longer_validity: int
    ended_by_now: int
    examples: tuple[ReplayedExample, ...] = ()
    roles: tuple[AskedRoles, ...] = ()
    people: tuple[PersonAsked, ...] = ()
    people_in_all: int | None = None
    without_people: int
    not_replayed: tuple[str, ...] = ()
