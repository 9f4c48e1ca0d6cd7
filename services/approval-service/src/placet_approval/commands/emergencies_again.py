"""Break-glasses and debts of a gate question, read from their streams, which are checked at append (rule 6)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from placet_approval.domain.break_glass import BreakGlass
from placet_approval.domain.debt_ledger import Debt, DebtLedger
from placet_approval.domain.gate_facts import Candidate
from placet_shared.aggregates import Aggregate
from placet_shared.event_store import UnitOfWork

__all__ = ["emergencies_again", "emergency_streams"]


def emergency_streams(candidates: Sequence[Candidate], environment: str) -> Iterator[tuple[type[Aggregate], str]]:
    """What `emergencies_again` most likely reads."""
    for digest in {candidate.version.artifact_sha256 for candidate in candidates}:
        yield BreakGlass, BreakGlass.key_of(digest, environment)
    for model_id in _models(candidates):
        yield DebtLedger, DebtLedger.key_of(model_id, environment)


async def emergencies_again(candidates: Sequence[Candidate], environment: str, uow: UnitOfWork) -> list[Candidate]:
    """The candidates with what is open at this moment.

    A break-glass that was closed since the facts were read, and a debt that came since, move a stream that is checked: that of the bytes,
    that of the version's model, and those of the models that had these bytes before or for which a break-glass was opened for them.
    """
    at = await uow.now()
    digests = sorted({candidate.version.artifact_sha256 for candidate in candidates})
    found = await uow.load_many(BreakGlass, [BreakGlass.key_of(digest, environment) for digest in digests])
    streams = [stream for stream in found if stream is not None]
    models = _models(candidates) | {model for stream in streams for model in stream.models}
    ledgers = await uow.load_many(DebtLedger, [DebtLedger.key_of(model, environment) for model in sorted(models)])
    glasses = tuple(glass for stream in streams for glass in stream.open_ones(at))
    open_debts = [debt for ledger in ledgers if ledger is not None for debt in ledger.open_debts]
    debts = tuple(debt for debt in open_debts if _is_due(debt, candidates))
    return [replace(candidate, glasses=glasses, debts=debts) for candidate in candidates]


def _is_due(debt: Debt, candidates: Sequence[Candidate]) -> bool:
    """Of these bytes, or of a model that had them before; a later copy of the bytes in a model that owes brings no debt with it."""
    seen = {known.debt_id for candidate in candidates for known in candidate.debts}
    digests = {candidate.version.artifact_sha256 for candidate in candidates}
    return debt.artifact_sha256 in digests or debt.model_id in _with_the_bytes(candidates) or debt.debt_id in seen


def _models(candidates: Sequence[Candidate]) -> set[str]:
    return _with_the_bytes(candidates) | {debt.model_id for candidate in candidates for debt in candidate.debts}


def _with_the_bytes(candidates: Sequence[Candidate]) -> set[str]:
    """The model in question, and those that had a version of the same bytes before."""
    own = {candidate.version.model_id for candidate in candidates}
    return own | {model.model_id for candidate in candidates for model in candidate.models or ()}
