"""Open a break-glass: for hours the gate lets exactly these bytes in; the debt is incurred in the same append."""

from dataclasses import dataclass
from datetime import timedelta

from placet_approval.commands.circumstances import circumstances, find_version, signer
from placet_approval.domain.break_glass import BreakGlass, Opening
from placet_approval.domain.debt_ledger import DebtLedger
from placet_approval.domain.timestamps import rfc3339
from placet_approval.domain.token import Token
from placet_shared.errors import Conflict, NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["OpenBreakGlass", "OpenedBreakGlass", "open_break_glass"]

VERSIONS = """
    select distinct on (model_id) version_id from known_versions where artifact_sha256 = $1
    order by model_id, registered_at desc, number desc limit 2
"""


@dataclass(frozen=True, slots=True)
class OpenBreakGlass:
    """The version by digest, or by `model` (id or name) and `number`; `length` None is as long as the policy allows."""

    glass_id: str
    debt_id: str
    environment: str
    digest: str | None
    model: str | None
    number: int | None
    incident: str
    reason: str
    length: timedelta | None


@dataclass(frozen=True, slots=True)
class OpenedBreakGlass:
    """What is let in until when, and the debt that it leaves."""

    id: str
    debt_id: str
    model_id: str
    version_id: str
    artifact_sha256: str
    environment: str
    ends_at: str
    revision: int


async def open_break_glass(command: OpenBreakGlass, uow: UnitOfWork) -> OpenedBreakGlass:
    """It asks no other service, since the emergency may be theirs; the gate still does.

    Checked at append: the opener and the token, the policy, the streams of the bytes and of the model's debts.
    """
    version_id = await _version(command, uow)
    now = await circumstances(uow, version_id, command.environment)
    digest, model_id = now.version.artifact_sha256, now.version.model_id
    reason = uow.text(command.reason, kind="break_glass", subject=model_id)
    opener = await signer(uow)
    token = await uow.load(Token, uow.actor.token_id) if uow.actor.token_id else None
    asked = Opening(command.glass_id, command.debt_id, command.incident, command.length)
    before = await uow.load(BreakGlass, BreakGlass.key_of(digest, command.environment))
    at = await uow.now()
    glass = BreakGlass.open(before, asked, now.version, now.policy, opener, token.created_on if token else None, reason, at)
    ledger = await uow.load(DebtLedger, DebtLedger.key_of(model_id, command.environment))
    debt = DebtLedger.incur(
        ledger,
        at,
        debt_id=command.debt_id,
        glass_id=command.glass_id,
        model_id=model_id,
        version_id=version_id,
        artifact_sha256=digest,
        environment=command.environment,
        person_id=opener.id,
        token_issuers=sorted(opener.token_issuers),
        incident=command.incident,
        signatures=[term.content() for term in now.policy.terms.signatures],
    )
    uow.save(debt, subject=model_id)
    uow.save(glass, subject=model_id)
    ends_at = glass.glasses[command.glass_id].ends_at
    return OpenedBreakGlass(
        command.glass_id, command.debt_id, model_id, version_id, digest, command.environment, rfc3339(ends_at), glass.version
    )


async def _version(command: OpenBreakGlass, uow: UnitOfWork) -> str:
    if command.digest is None:
        return await find_version(uow, command.model or "", command.number or 0)
    rows = await uow.fetch(VERSIONS, command.digest)
    if not rows:
        raise NotFound("No version has this digest.", code="version_not_found", resolve="Register the bytes, then ask again.")
    if len(rows) > 1:
        raise Conflict(
            "Several models have a version with this digest.", code="ambiguous_digest", resolve="Name the model and the number instead."
        )
    found: str = rows[0]["version_id"]
    return found
