"""The model of a version for commands that choose a policy, with the models that its bytes were versions of before."""

import orjson

from placet_approval.domain.policies_in_force import GovernedModel
from placet_approval.domain.policy import PolicySet
from placet_approval.domain.policy_terms import PolicyVersion
from placet_approval.domain.subjects import GovernedVersion
from placet_shared.event_store import UnitOfWork
from placet_shared.model_selectors import SelectableModel

__all__ = ["MOST_MODELS", "governed_model", "policy_of_bytes"]

MOST_MODELS = 100
"""Models with the same bytes that are looked at one by one; of more of them every policy counts."""
# Its own comes first.
MODELS = f"""
    select model_id, name, tags from known_models
    where model_id = any (array(
        select o.model_id from known_versions v
        join known_versions o on o.artifact_sha256 = v.artifact_sha256
                              and (o.registered_at, o.version_id) <= (v.registered_at, v.version_id)
        where v.version_id = $1))
    order by model_id <> $2 limit {MOST_MODELS} + 1
"""
VERSION_OF_BYTES = """
    select version_id, model_id, number, artifact_sha256 from known_versions
    where model_id = $1 and artifact_sha256 = $2 order by registered_at desc, number desc limit 1
"""
APPROVED_SINCE = """
    select min(approved_at) as since from sign_offs
    where model_id = $1 and environment = $2 and state = 'approved' and expires_at > statement_timestamp()
"""


async def governed_model(uow: UnitOfWork, version: GovernedVersion, environment: str, policies: PolicySet | None) -> GovernedModel:
    """As known from registry's events and from the approvals of this moment; nothing is read where there is nothing to choose."""
    if policies is None or policies.leaves_no_choice:
        return GovernedModel(SelectableModel(version.model_id, ""))
    rows = await uow.fetch(MODELS, version.version_id, version.model_id)
    models = [SelectableModel(row["model_id"], row["name"], orjson.loads(row["tags"])) for row in rows]
    since = await uow.fetch(APPROVED_SINCE, version.model_id, environment)
    return GovernedModel.among(version.model_id, models, MOST_MODELS, since[0]["since"])


async def policy_of_bytes(
    uow: UnitOfWork, model_id: str, artifact_sha256: str, environment: str, *, check: bool = True
) -> PolicyVersion | None:
    """What a request for these bytes as a version of the model would be bound to; `check` relies on it at append."""
    policies = await uow.load(PolicySet, PolicySet.key_of(environment), check=check)
    versions = await uow.fetch(VERSION_OF_BYTES, model_id, artifact_sha256)
    if policies is None or not versions:
        return policies.in_force.own if policies else None
    return policies.in_force.for_request(await governed_model(uow, GovernedVersion.from_row(versions[0]), environment, policies))
