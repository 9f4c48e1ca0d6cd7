"""Which policy is in force for a version, why, what raises it, and which one would be without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
import orjson

from placet_approval.domain.gate_facts import GateQuestion
from placet_approval.domain.policies_in_force import Because, Chosen, Selection, TermChange
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.subjects import GovernedVersion
from placet_approval.domain.written_policy import TakesEffect
from placet_approval.queries.gate_facts import FactsStatement, facts_of
from placet_approval.queries.policies_in_force import policies_of_rows

__all__ = ["ChosenPolicy", "PoliciesFor", "RaisingPolicy", "policies_for"]


@dataclass(frozen=True, slots=True)
class ChosenPolicy:
    """A version of a policy, and the entry of its `for` that fits the model."""

    policy_id: str
    name: str | None
    kind: Literal["policy", "floor"]
    version: int
    sha256: str
    takes_effect: TakesEffect
    entry: str


@dataclass(frozen=True, slots=True)
class RaisingPolicy:
    """One that raises what the model's policy asks for: `changes` are what it adds to those before it."""

    policy: ChosenPolicy
    because: Because
    model_id: str | None
    changes: Sequence[TermChange]


@dataclass(frozen=True, slots=True)
class PoliciesFor:
    """What a sign-off that is requested now would be bound to; `content` are the terms that follow, `otherwise` the policies that would be
    in force without `policy`, the most specific first."""

    environment: str
    model_id: str
    version_id: str
    number: int
    policy: ChosenPolicy
    raised_by: Sequence[RaisingPolicy]
    otherwise: Sequence[ChosenPolicy]
    content: Mapping[str, Any]


async def policies_for(pool: asyncpg.Pool, model: str, number: int, environment: str) -> PoliciesFor | GovernedVersion | None:
    """None where there is no such version; the version alone where no policy is for it."""
    question = GateQuestion(environment, model=model, number=number)
    statement = FactsStatement.of(question)
    row = await pool.fetchrow(statement.sql, *statement.args)
    candidate = next(iter(facts_of(row, question).candidates), None)
    if candidate is None or candidate.governed is None:
        return None
    selection = policies_of_rows(orjson.loads(row["policies"]) if row["policies"] else ()).selection(candidate.governed)
    return _view(environment, candidate.version, selection) if selection else candidate.version


def _view(environment: str, version: GovernedVersion, selection: Selection) -> PoliciesFor:
    return PoliciesFor(
        environment,
        version.model_id,
        version.version_id,
        version.number,
        _chosen(selection.main),
        [RaisingPolicy(_chosen(one), one.because, one.model_id or None, changes) for one, changes in selection.steps],
        [_chosen(one) for one in selection.next],
        selection.policy.terms.content(),
    )


def _chosen(one: Chosen) -> ChosenPolicy:
    version, written = one.version, one.version.written
    kind: Literal["policy", "floor"] = "floor" if isinstance(written.terms, FloorTerms) else "policy"
    return ChosenPolicy(version.policy_id, written.name, kind, version.version, version.sha256, written.takes_effect, one.entry)
