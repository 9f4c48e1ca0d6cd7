"""What environments ask of people, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part

__all__ = ["CheckedDocument", "DefinedPolicy", "EnvironmentPolicies", "Obstacle", "Policy", "PolicyReplay"]


class Policy(Answer, frozen=True, kw_only=True):
    """What an environment asks of people; `mode` is prevent, warn or allow."""

    policy_id: str
    environment: str
    version: int
    sha256: str
    mode: str
    content: dict[str, Any] = {}
    defined_by: str
    defined_at: datetime


class EnvironmentPolicies(Answer, frozen=True, kw_only=True):
    """The policy in force, and all its versions."""

    environment: str
    current: Policy
    versions: tuple[Policy, ...] = ()


class DefinedPolicy(Answer, frozen=True, kw_only=True):
    """The version in force; `changed` is false when it says the same as the one before."""

    id: str
    version: int
    sha256: str
    environment: str
    changed: bool


class Obstacle(Part, frozen=True, kw_only=True):
    """Why no sign-off can be approved under a policy as things are."""

    code: str
    detail: str
    resolve: str


class CheckedDocument(Answer, frozen=True, kw_only=True):
    """A policy that could be defined; `obstacles` keep it from being met."""

    environment: str
    sha256: str
    content: dict[str, Any] = {}
    obstacles: tuple[Obstacle, ...] = ()


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
