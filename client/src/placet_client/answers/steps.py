"""The steps of a policy for one version, as approval-service answers."""

from datetime import datetime

from placet_client.answers.answer import Answer, Part
from placet_client.answers.people_and_texts import Holder, SaidText

__all__ = ["ChangedStep", "CurrentStep", "ReopenedStep", "Step", "VersionSteps"]


class CurrentStep(Part, frozen=True, kw_only=True):
    """The first step that is not complete: a `fact` completes it, or a person with the `role`."""

    name: str
    owner: str
    fact: str | None = None
    role: str | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    complete: int
    steps: int
    can_complete: tuple[Holder, ...] = ()


class ReopenedStep(Part, frozen=True, kw_only=True):
    """Who reopened it, when and why."""

    by: Holder
    at: datetime
    said: SaidText


class Step(Part, frozen=True, kw_only=True):
    """A step; `state` is complete, current or waiting. `by`, `at` and `said` are of the person who completed it last."""

    name: str
    owner: str
    fact: str | None = None
    role: str | None = None
    state: str
    since: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    by: Holder | None = None
    at: datetime | None = None
    evidence: tuple[str, ...] = ()
    said: SaidText | None = None
    reopened: ReopenedStep | None = None
    can_complete: tuple[Holder, ...] = ()


class VersionSteps(Answer, frozen=True, kw_only=True):
    """A version's steps towards an environment, in the policy's order; none where it has none."""

    model_id: str
    version_id: str
    number: int
    artifact_sha256: str
    environment: str
    steps: tuple[Step, ...] = ()


class ChangedStep(Answer, frozen=True, kw_only=True):
    """The step after a command; `steps` are all that are open again with one that was reopened."""

    step: str
    complete: bool
    model_id: str
    version_id: str
    environment: str
    artifact_sha256: str
    steps: tuple[str, ...] = ()
