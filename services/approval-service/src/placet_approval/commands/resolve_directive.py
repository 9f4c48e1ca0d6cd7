"""Report what became of a directive: a pipeline or a person says that it was followed, a person with a say that it is accepted."""

from dataclasses import dataclass

from placet_approval.commands.circumstances import signer
from placet_approval.commands.governed_model import policy_of_bytes
from placet_approval.commands.parts_in_bytes import parts_in_bytes
from placet_approval.domain.directive import Directive, Reported
from placet_approval.domain.policy_terms import SignatureTerm
from placet_approval.domain.sign_off_rules import require_person, require_rationale, require_signing_role, require_uninvolved
from placet_shared.access import Roles, demand_role
from placet_shared.event_store import UnitOfWork

__all__ = ["ResolveDirective", "ResolvedDirective", "resolve_directive"]


@dataclass(frozen=True, slots=True)
class ResolveDirective:
    """`reason` is required to accept that the deployment runs on."""

    directive_id: str
    how: Reported
    reason: str | None


@dataclass(frozen=True, slots=True)
class ResolvedDirective:
    """The directive after the command."""

    id: str
    how: Reported
    deployment_id: str
    environment: str
    model_id: str
    revision: int


async def resolve_directive(command: ResolveDirective, uow: UnitOfWork) -> ResolvedDirective:
    """A report is a claim: the deployment is listed as unapproved until facts say otherwise."""
    directive = await uow.get(Directive, command.directive_id, what="directive")
    uow.about(directive.model_id)
    uow.expect(directive)
    reason = uow.text(command.reason, kind="directive", subject=directive.model_id) if command.reason else None
    if command.how == "accepted":
        require_rationale(reason, required=True)
        await _require_say(directive, uow)
    else:
        demand_role(uow.actor, (Roles.PIPELINE, Roles.DEVELOPER, Roles.ADMIN))
    directive.report(command.how, reason, await uow.now())
    uow.save(directive, subject=directive.model_id)
    return ResolvedDirective(
        directive.key, command.how, directive.deployment_id, directive.environment, directive.model_id, directive.version
    )


async def _require_say(directive: Directive, uow: UnitOfWork) -> None:
    """A person who may sign for the environment, or an admin, and who had no part in the bytes."""
    acting = await signer(uow)
    require_person(acting)
    policy = await policy_of_bytes(uow, directive.model_id, directive.artifact_sha256, directive.environment)
    terms: tuple[SignatureTerm, ...] = policy.terms.signatures if policy else ()
    excluded = await parts_in_bytes(uow, directive.artifact_sha256, directive.environment)
    require_uninvolved(acting, excluded, terms)
    if "admin" not in acting.roles:
        require_signing_role(acting, None, sorted({role for term in terms for role in term.any_of}))
