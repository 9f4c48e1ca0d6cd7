"""What the problems mean that only audit-service answers with."""

from placet_shared.explained_codes import explained

__all__ = ["CODES"]

CODES = explained(
    "problem",
    "docs/audit.md",
    {"entry_not_found": ("The audit log has no entry of this index: it is not as long.", "See `placet audit timeline` for what it has.")},
)
