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
    """The version in force, 0 while there is none; `changed` is false when it says the same as the one before, or while `proposed_change`
    waits for a second admin, since it `weakens` what is asked for."""

    id: str
    version: int
    sha256: str
    environment: str
    changed: bool
    proposed_change: str | None = None
    weakens: tuple[str, ...] = ()


class Obstacle(Part, frozen=True, kw_only=True):
    """Why no sign-off can be approved under a policy as things are."""

    code: str
    detail: str
    resolve: str


class CheckedDocument(Answer, frozen=True, kw_only=True):
    """A policy that could be defined; `obstacles` keep it from being met, and it `weakens` what the version in force asks for."""

    environment: str
    sha256: str
    content: dict[str, Any] = {}
    obstacles: tuple[Obstacle, ...] = ()
    weakens: tuple[str, ...] = ()
