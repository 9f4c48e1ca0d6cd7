"""What to look at where a check has not passed, by the reason that it gives."""

from placet_verification.domain.codes.check_codes import CHECK_REASONS

__all__ = ["advice_for"]


def advice_for(reason_code: str | None) -> str | None:
    """One sentence, for reasons that we know."""
    _, advice = CHECK_REASONS.get(reason_code or "", (None, None))
    return advice
