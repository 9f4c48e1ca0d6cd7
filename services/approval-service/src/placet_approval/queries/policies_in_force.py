"""The policies of an environment from their rows, for decisions that are made on rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

import asyncpg
import orjson

from placet_approval.domain.policies_in_force import KnownPolicy, PoliciesInForce
from placet_approval.domain.policy_floor import FloorTerms
from placet_approval.domain.policy_terms import PolicyTerms
from placet_approval.domain.raised_terms import raised
from placet_approval.domain.written_policy import DefinedVersion, TakesEffect, WrittenPolicy

__all__ = ["POLICIES", "policies_of_rows", "read_in_force", "terms_in_force"]

# What may be in force, what took effect at once, and what sign-offs of these versions are bound to.
POLICIES = """
    select json_agg(p order by p.policy_id, p.version) from (
        select policy_id, version, sha256, kind, takes_effect, content::text, defined_at, at_once, withdrawn_at from policies
        where environment = {environment} and (in_question or at_once or (policy_id, version) in (
            select b.policy_id, b.version from sign_offs s cross join lateral bound_versions(s.policy) b
            where s.version_id = any (array({versions})) and s.environment = {environment}))
    ) p
"""
IN_FORCE = POLICIES.format(environment="$1", versions="select null::text where false")
CACHED = 1024


async def read_in_force(connection: asyncpg.Pool, environment: str) -> PoliciesInForce:
    """The policies of an environment that may be in force."""
    found = await connection.fetchval(IN_FORCE, environment)
    return policies_of_rows(orjson.loads(found) if found else ())


def policies_of_rows(rows: Iterable[Mapping[str, Any]]) -> PoliciesInForce:
    """From the JSON of rows in the order of ids and versions; they need not be all versions."""
    return PoliciesInForce({policy_id: _policy(list(group)) for policy_id, group in groupby(rows, key=lambda row: row["policy_id"])})


def terms_in_force(found: Sequence[tuple[str, Mapping[str, Any]]]) -> PolicyTerms | None:
    """The terms that follow from the kinds and contents of `policies_of_version`, the most specific of the version's own model first."""
    if not found or found[0][0] == "floor":
        return None
    terms = PolicyTerms.from_content(found[0][1])
    for kind, content in found[1:]:
        terms = raised(terms, FloorTerms.from_content(content) if kind == "floor" else PolicyTerms.from_content(content))
    return terms


def _policy(rows: list[Mapping[str, Any]]) -> KnownPolicy:
    names = ("policy_id", "version", "sha256", "kind", "takes_effect", "content", "defined_at")
    versions = [_version(*(row[name] for name in names)) for row in rows]
    at_once = next((version for version, row in zip(versions, rows, strict=True) if row["at_once"]), None)
    since = next((row["version"] for row in rows if row["withdrawn_at"] is None), 1)
    return KnownPolicy(versions, at_once, rows[-1]["withdrawn_at"] is not None, since)


@lru_cache(CACHED)
def _version(
    policy_id: str, version: int, sha256: str, kind: str, takes_effect: TakesEffect, content: str, defined_at: str
) -> DefinedVersion:
    """A version never changes, so its terms are read once."""
    written = WrittenPolicy.from_content(orjson.loads(content), takes_effect, floor=kind == "floor")
    return DefinedVersion(policy_id, version, sha256, written, datetime.fromisoformat(defined_at))
