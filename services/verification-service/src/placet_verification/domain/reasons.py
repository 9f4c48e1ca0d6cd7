"""The reasons why a run ended without a result, in words."""

import re
from typing import Any

from placet_verification.domain.codes.run_codes import RUN_REASONS

__all__ = ["in_words", "reason_code_of"]

_CODE = re.compile(r"[a-z][a-z0-9_]{1,60}")


def reason_code_of(value: Any) -> str:
    """What an evaluation gave as its reason, if it is a code: events carry it, and they hold no free text. Raises ValueError."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ValueError("a reason code is one lower-case word")
    return value


def in_words(reason_code: str) -> tuple[str, str]:
    """Two texts: what happened, and what would help."""
    return RUN_REASONS.get(reason_code, ("The model could not be evaluated.", "See the attempts of the run."))
