"""How things are around a version and an environment, for the commands that decide on them; and who decides."""

from placet_approval.commands.acting_token import token_issuers
from placet_approval.domain.person import Person
from placet_approval.domain.policy import Policy
from placet_approval.domain.sign_off_binding import Circumstances
from placet_approval.domain.sign_off_rules import Signer
from placet_approval.domain.subjects import GovernedVersion, Verification, latest_for
from placet_shared.errors import Conflict, Forbidden, Invalid, NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["circumstances", "find_version", "signer"]

VERSION = """
    select version_id, model_id, number, artifact_sha256, registrars, trainers, data_preparers from known_versions where version_id = $1
"""
VERSION_BY_NUMBER = """
    select v.version_id from known_versions v join known_models m using (model_id)
    where (m.model_id = $1 or m.name = $1) and v.number = $2
"""
ENVIRONMENT = "select 1 from known_environments where name = $1"
RUNS = """
    select run_id, plan, passed, result_sha256, finished_at from known_runs where version_id = $1 and environment = $2
"""


async def find_version(uow: UnitOfWork, model: str, number: int) -> str:
    """The id of a version by its model (id or name) and number; raises `NotFound`."""
    rows = await uow.fetch(VERSION_BY_NUMBER, model, number)
    if not rows:
        raise _no_version(f"{number} of {model}")
    found: str = rows[0]["version_id"]
    return found


async def circumstances(uow: UnitOfWork, version_id: str, environment: str) -> Circumstances:
    """Version and runs as this service knows them, and the policy that counts, whose stream is checked at append."""
    versions = await uow.fetch(VERSION, version_id)
    if not versions:
        raise _no_version(version_id)
    version = GovernedVersion.from_row(versions[0])
    uow.about(version.model_id)
    await _require_environment(uow, environment)
    policy = await uow.load(Policy, Policy.key_of(environment))
    if policy is None:
        raise Conflict(
            f"No policy says what {environment} asks for.",
            code="no_policy",
            resolve="Have an admin define one: `placet apply -f policy.yaml`.",
        )
    runs = [Verification.from_row(row) for row in await uow.fetch(RUNS, version_id, environment)]
    return Circumstances(version, latest_for(policy.current.terms.verification, runs), policy.current)


async def signer(uow: UnitOfWork) -> Signer:
    """Who acts. A person's roles come from the person's own stream, which is checked at append: a role that is taken away at
    this very moment no longer signs."""
    actor, issuers = uow.actor, await token_issuers(uow)
    if actor.kind != "person":
        return Signer(actor.id, "service_account", actor.roles, issuers)
    person = await uow.load(Person, actor.id)
    if person is None or not person.active:
        raise Forbidden("You are not known here as a person who may act.", code="person_unknown", resolve="Ask an admin to add you.")
    return Signer(actor.id, "person", frozenset(person.roles) & actor.roles, issuers)


async def _require_environment(uow: UnitOfWork, environment: str) -> None:
    if not await uow.fetch(ENVIRONMENT, environment):
        raise Invalid(
            f"There is no environment {environment}.",
            code="unknown_environment",
            resolve="Check its name, or have it defined in the registry.",
        )


def _no_version(which: str) -> NotFound:
    return NotFound(
        f"There is no version {which}.",
        code="version_not_found",
        resolve="Check the id. If it was registered a moment ago, send the `Placet-Position` you got then as `Placet-Seen`.",
    )
