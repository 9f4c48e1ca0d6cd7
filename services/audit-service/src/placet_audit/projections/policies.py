"""How many signatures the versions of an environment's own policy ask for: where none is asked for, nothing runs unapproved.

Policies for some models and floors are not in it.
"""

from datetime import datetime

import msgspec

from placet_audit.projections.entry import Entry
from placet_audit.projections.rows import Rows, Table
from placet_audit.projections.views import Step, TableView, Text

__all__ = ["POLICIES", "Policy"]


class Policy(msgspec.Struct, frozen=True):
    """A row of `policy_versions`; `signatures` counts the terms that ask for some."""

    environment: str
    version: int
    signatures: int
    defined_at: datetime
    from_index: int


class PolicyContent(msgspec.Struct, frozen=True):
    """The part of the terms that is read."""

    signatures: list[msgspec.Raw]


class PolicyDefined(msgspec.Struct, frozen=True):
    """The fields that are read from the event."""

    environment: Text
    version: int
    content: PolicyContent
    name: Text | None = None


def define(policies: Rows[Policy], entry: Entry, event: PolicyDefined) -> None:
    """A version never changes."""
    if event.name is None and (event.environment, event.version) not in policies:
        signatures = len(event.content.signatures)
        policies.put(Policy(event.environment, event.version, signatures, entry.recorded_at, entry.index))


POLICIES = TableView(
    Table("policy_versions", Policy, key=["environment", "version"]),
    {"PolicyDefined": Step(PolicyDefined, define)},
)
