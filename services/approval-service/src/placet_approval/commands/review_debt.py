"""Sign the retrospective review of a break-glass; the last signature that is needed settles the debt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placet_approval.commands.circumstances import in_office, signer
from placet_approval.commands.parts_in_bytes import parts_in_bytes
from placet_approval.domain.break_glass import BreakGlass
from placet_approval.domain.debt_ledger import Debt, DebtLedger, Reviewing
from placet_approval.domain.sign_off_quorum import progress
from placet_shared.errors import NotFound
from placet_shared.event_store import UnitOfWork

__all__ = ["ReviewDebt", "ReviewedDebt", "review_debt"]

DEBT = "select model_id, environment from debts where debt_id = $1"
ASKERS = "select distinct decided_by from gate_decisions where break_glass = $1"


@dataclass(frozen=True, slots=True)
class ReviewDebt:
    """`role` may be left out when only one of the signer's roles is needed; `review` says what was found."""

    debt_id: str
    role: str | None
    review: str


@dataclass(frozen=True, slots=True)
class ReviewedDebt:
    """The debt after the command; `missing` are the signatures that are still asked for, as plain JSON."""

    id: str
    settled: bool
    model_id: str
    environment: str
    missing: Sequence[Mapping[str, Any]]
    revision: int


async def review_debt(command: ReviewDebt, uow: UnitOfWork) -> ReviewedDebt:
    """Checked at append: the debt, the break-glass, and the streams of all who signed, so that they are in office."""
    rows = await uow.fetch(DEBT, command.debt_id)
    if not rows:
        raise NotFound("There is no such debt.", code="debt_not_found", resolve="`placet debts list` shows them.")
    model_id, environment = rows[0]["model_id"], rows[0]["environment"]
    uow.about(model_id)
    ledger = await uow.get(DebtLedger, DebtLedger.key_of(model_id, environment), what="debt")
    uow.expect(ledger)
    at, debt = await uow.now(), ledger.debts[command.debt_id]
    glass = await uow.load(BreakGlass, BreakGlass.key_of(debt.artifact_sha256, environment))
    is_over = glass is None or all(one.glass_id != debt.glass_id for one in glass.open_ones(at))
    around = Reviewing(is_over, await _parts(debt, environment, uow), await in_office(uow, debt.reviews))
    acting = await signer(uow)
    review = uow.text(command.review, kind="debt_review", subject=model_id)
    ledger.review(command.debt_id, acting, command.role, around, review, at)
    uow.save(ledger, subject=model_id)
    after = ledger.debts[command.debt_id]
    missing = () if after.settled else progress(after.terms, after.reviews).missing
    return ReviewedDebt(command.debt_id, after.settled, model_id, environment, [term.content() for term in missing], ledger.version)


async def _parts(debt: Debt, environment: str, uow: UnitOfWork) -> Mapping[str, Sequence[str]]:
    """The opener, those who asked the gate for what it let in, and all with a part in the bytes."""
    parts: dict[str, tuple[str, ...]] = await parts_in_bytes(uow, debt.artifact_sha256, environment)
    askers = [(row["decided_by"], "asker") for row in await uow.fetch(ASKERS, debt.glass_id)]
    for person, part in [(debt.opener, "opener"), *askers]:
        parts[person] = (part, *parts.get(person, ()))
    return parts
