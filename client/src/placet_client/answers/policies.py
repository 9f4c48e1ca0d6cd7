"""What environments ask of people, as approval-service answers."""

from datetime import datetime
from typing import Any

from placet_client.answers.answer import Answer, Part

__all__ = ["CheckedDocument", "DefinedPolicy", "EnvironmentPolicies", "Obstacle", "Policy"]


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
