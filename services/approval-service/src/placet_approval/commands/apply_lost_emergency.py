"""Apply lost events of emergencies again: a debt that was lost is owed again, a break-glass that was closed is closed again."""

from collections.abc import Mapping
from typing import Any

from placet_approval.domain.break_glass import BreakGlass
from placet_approval.domain.debt_ledger import DebtLedger
from placet_shared.event_store import UnitOfWork

__all__ = ["close_glass_again", "incur_debt_again"]


async def incur_debt_again(fields: Mapping[str, Any], uow: UnitOfWork) -> bool:
    """False when the debt is known, settled or not."""
    ledger = await uow.load(DebtLedger, DebtLedger.key_of(fields["model_id"], fields["environment"]))
    if ledger is not None and fields["debt_id"] in ledger.debts:
        return False
    uow.save(DebtLedger.incur(ledger, await uow.now(), **fields), subject=fields["model_id"])
    return True


async def close_glass_again(fields: Mapping[str, Any], uow: UnitOfWork) -> bool:
    """False when its opening was lost too, or it is over."""
    glass = await uow.load(BreakGlass, BreakGlass.key_of(fields["artifact_sha256"], fields["environment"]))
    if glass is None or not glass.close(fields["glass_id"], fields["closed_by"], await uow.now()):
        return False
    uow.save(glass, subject=fields["model_id"])
    return True
